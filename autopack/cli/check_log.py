"""``logs --check``: what the checks of each attempt printed, from its log file or, where none was kept, from the recorded report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from rich.text import Text

from autopack.cli.news import News, Source
from autopack.cli.printable import printable
from autopack.cli.target import Target, phases_of
from autopack.core.checking import CheckReport
from autopack.executor.place import Place
from autopack.reporting.phase_story import CHECKS
from autopack.store.queries import attempts_of, steps_of

_LINE_BYTES: Final = 65_536


def check_logs(target: Target) -> dict[tuple[str, int], Path]:
    """The log files that exist, by phase and attempt."""
    found = {}
    for path in (target.records / "ci").glob("*-*.log"):
        phase, _, attempt = path.stem.rpartition("-")
        if attempt.isdecimal() and path.is_file() and not path.is_symlink():
            found[phase, int(attempt)] = path
    return found


def check_source(place: Place, target: Target) -> Source:
    """Attempts in the plan's order; of a file that grows, the lines that were added."""
    reader = _Reader(place, target)
    return reader.news


@dataclass
class _Reader:
    """``offsets`` are the bytes printed of each file, ``sizes`` what it had when last looked at; ``told`` are attempts without a file."""

    place: Place
    target: Target
    offsets: dict[Path, int] = field(default_factory=dict)
    sizes: dict[Path, int] = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)
    newest: tuple[str, int] | None = None

    def news(self) -> Iterator[News]:
        logs = check_logs(self.target)
        phases = [self.target.phase_id] if self.target.phase_id else [row.phase_id for row in phases_of(self.place, self.target.run_id)]
        for phase in phases:
            for attempt in attempts_of(self.place.database, self.target.run_id, phase):
                key = (phase, attempt.number)
                path = logs.get(key)
                lines = self._grown(path) if path else self._reported(key)
                for line in lines:
                    yield from self._headed(key, path)
                    yield _line(self.target.run_id, key, line)

    def _headed(self, key: tuple[str, int], path: Path | None) -> Iterator[News]:
        if key != self.newest:
            where = str(path) if path else "from the state database"
            yield _head(self.target.run_id, key, where, is_first=self.newest is None)
            self.newest = key

    def _grown(self, path: Path) -> Iterator[str]:
        """Whole lines; one without an end only at the first look and when it has stopped growing."""
        size = path.stat().st_size
        start = self.offsets.get(path, 0)
        start = start if start <= size else 0
        takes_open_line = self.sizes.get(path, size) == size
        self.sizes[path] = size
        with path.open("rb") as file:
            file.seek(start)
            while line := file.readline(_LINE_BYTES):
                if not (line.endswith(b"\n") or len(line) == _LINE_BYTES or takes_open_line):
                    break
                start += len(line)
                self.offsets[path] = start
                yield line.decode("utf-8", "replace")

    def _reported(self, key: tuple[str, int]) -> Iterator[str]:
        if key not in self.told:
            steps = steps_of(self.place.database, self.target.run_id, *key)
            report = _last_report(steps)
            if report is not None:
                self.told.add(key)
                for step in report.steps:
                    yield f"$ {step.command}"
                    yield from step.output.splitlines()


def _last_report(steps: Mapping[str, str]) -> CheckReport | None:
    texts = [text for name, text in steps.items() if name.split(".", 1)[0] == CHECKS]
    try:
        return CheckReport.model_validate_json(texts[-1]) if texts else None
    except ValidationError:
        return None


def _head(run_id: str, key: tuple[str, int], where: str, *, is_first: bool) -> News:
    phase, attempt = key

    def lines() -> Iterator[Text]:
        if not is_first:
            yield Text()
        yield Text(f"==> {phase}, attempt {attempt} ({printable(where)}) <==", style="bold")

    return News(lines, lambda: {"schema": 1, "run_id": run_id, "phase": phase, "attempt": attempt, "log": where})


def _line(run_id: str, key: tuple[str, int], line: str) -> News:
    phase, attempt = key
    return News(
        lambda: iter([Text(part) for part in printable(line).splitlines()] or [Text()]),
        lambda: {"schema": 1, "run_id": run_id, "phase": phase, "attempt": attempt, "line": line.rstrip("\r\n")},
    )
