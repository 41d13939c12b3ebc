"""Finds the logs of a run's commands (set-up, checks, derive steps) and tells which is whose, in the order of the plan."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"(?P<phase>.+)-(?P<attempt>\d{1,9})(?P<derive>-derive)?")
_STAGES: Final = ("setup", "derive", "check")


@dataclass(frozen=True)
class LogOf:
    """Whose log it is. ``attempt`` 0 is the base, before any; ``stage``: setup, derive, check, or the name of a file of another kind."""

    phase: str | None
    attempt: int | None
    stage: str

    @property
    def title(self) -> str:
        if self.phase is None:
            return self.stage
        when = f"attempt {self.attempt}" if self.attempt else "on the base, before the first attempt"
        return f"{self.phase}, {when}" + (", derived files" if self.stage == "derive" else "")


def log_files(records: Path) -> dict[LogOf, Path]:
    """The log files that exist."""
    paths = [path for path in (records / "ci").glob("*.log") if path.is_file() and not path.is_symlink()]
    return {_of(path.stem): path for path in paths}


def in_order(logs: Sequence[LogOf], phases: Sequence[str]) -> list[LogOf]:
    """Set-up first, then phase by phase as in the plan, attempt by attempt, then what belongs to no phase."""
    places = {phase: number for number, phase in enumerate(phases)}
    return sorted(
        logs, key=lambda log: (log.stage != "setup", places.get(log.phase or "", len(places)), log.attempt or 0, _rank(log), log.stage)
    )


def _of(stem: str) -> LogOf:
    found = _NAME.fullmatch(stem)
    if found is None:
        return LogOf(None, None, stem)
    return LogOf(found["phase"], int(found["attempt"]), "derive" if found["derive"] else "check")


def _rank(log: LogOf) -> int:
    return _STAGES.index(log.stage) if log.stage in _STAGES else len(_STAGES)
