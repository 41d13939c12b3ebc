"""Draws ``logs --check``: what the commands of each attempt printed, from their log or, without one, from the recorded report."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from autopack.cli.screens.log_entries import LogEntry, Source
from autopack.cli.target import Target
from autopack.core.printed import SCHEMA
from autopack.core.visible import printable
from autopack.executor.project_state import PLAN_CHECK, ProjectState
from autopack.reporting.attempt_story import check_report_of, printed_lines
from autopack.reporting.log_files import LogOf, in_order, log_files
from autopack.store.attempts import attempts_of
from autopack.store.phase_rows import phases_of

_LINE_BYTES: Final = 65_536


def check_source(project: ProjectState, target: Target, attempt: int | None = None) -> Source:
    """Logs in the plan's order, or those of one attempt (0 is the base); of a file that grows, the lines that were added."""
    return _Reader(project, target.records, target.run_id, target.phase_id, attempt).news


def plan_check_source(project: ProjectState, phase: str | None) -> Source | None:
    """What the commands said when ``plan check --run-checks`` tried them last, without a run; None where it never did."""
    records = project.records / PLAN_CHECK
    return _Reader(project, records, None, phase).news if records.is_dir() and not records.is_symlink() else None


@dataclass
class _Reader:
    """``offsets`` are the bytes printed of each file, ``sizes`` what it had when last looked at; ``told`` are logs without a file."""

    project: ProjectState
    records: Path
    run_id: str | None
    phase_id: str | None
    attempt: int | None = None
    offsets: dict[Path, int] = field(default_factory=dict)
    sizes: dict[Path, int] = field(default_factory=dict)
    told: set[LogOf] = field(default_factory=set)
    newest: LogOf | None = None

    def news(self) -> Iterator[LogEntry]:
        logs = log_files(self.records)
        phases = [row.phase_id for row in phases_of(self.project.database, self.run_id)] if self.run_id else []
        wanted = [self.phase_id] if self.phase_id else phases
        run_id = self.run_id or ""
        attempts = {LogOf(phase, row.number, "check") for phase in wanted for row in attempts_of(self.project.database, run_id, phase)}
        others = {log for log in logs if self.phase_id in (None, log.phase)}
        for log in in_order(tuple(log for log in attempts | others if self.attempt in (None, log.attempt)), phases):
            path = logs.get(log)
            for line in self._grown(path) if path else self._reported(log):
                if log != self.newest:
                    yield self._head(log, path)
                    self.newest = log
                yield self._line(log, line)

    def _grown(self, path: Path) -> Iterator[str]:
        """Whole lines; a line without an end only at the first look and when the file has stopped growing."""
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

    def _reported(self, log: LogOf) -> Iterator[str]:
        if log in self.told or log.phase is None or log.attempt is None:
            return
        report = check_report_of(self.project.database, self.run_id or "", log.phase, log.attempt)
        if report is not None:
            self.told.add(log)
            yield from printed_lines(report)

    def _head(self, log: LogOf, path: Path | None) -> LogEntry:
        where = str(path) if path else "from the state database"
        is_first = self.newest is None

        def lines() -> Iterator[Text]:
            yield from () if is_first else (Text(),)
            yield Text(f"==> {log.title} ({where}) <==", style="bold")

        return LogEntry(lines, lambda: {**self._address(log), "log": str(path) if path else None})

    def _line(self, log: LogOf, line: str) -> LogEntry:
        return LogEntry(
            lambda: iter([Text(_no_head(part)) for part in printable(line).splitlines()] or [Text()]),
            lambda: {**self._address(log), "line": line.rstrip("\r\n")},
        )

    def _address(self, log: LogOf) -> dict[str, Any]:
        return {"schema": SCHEMA, "run_id": self.run_id, "phase": log.phase, "attempt": log.attempt, "stage": log.stage}


def _no_head(line: str) -> str:
    """Puts a space before output that would read as the head of another log."""
    return f" {line}" if line.startswith("==> ") else line
