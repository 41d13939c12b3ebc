"""What ``gc`` is asked for, what it takes away, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autopack.core.model import Frozen
from autopack.core.redaction import Redactor
from autopack.executor.project_state import ProjectState

Kind = Literal["work tree", "logs", "records", "journal", "refs"]


class Garbage(Frozen):
    """``size`` in bytes; ``count`` of refs or calls. ``archive`` is where it went to."""

    run_id: str
    kind: Kind
    path: str
    size: int = 0
    count: int = 0
    archive: str | None = None


class Kept(Frozen):
    run_id: str
    why: str


@dataclass(frozen=True)
class Collecting:
    """``folder_of`` gives where a run's work trees lie, ``redactor_of`` what may not stand in its archive.

    Runs that ended after ``before`` (UTC epoch seconds) are left, the oldest of them only as long as what could be taken of all runs
    is no more than ``max_bytes``.
    """

    project: ProjectState
    folder_of: Callable[[str], Path]
    redactor_of: Callable[[str], Redactor]
    before: float
    archives: bool
    is_dry: bool
    max_bytes: int | None = None
    keeps_journals: bool = False
