"""What a person asked for on the command line of ``run`` and ``resume``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunOptions:
    """``creates`` is false for ``resume``. ``plan`` is a file or a name below ``.autopack/plans``. ``until``: UTC epoch seconds.

    ``given`` are values of the plan's inputs.
    """

    repo: Path
    run_id: str | None = None
    plan: str | None = None
    creates: bool = True
    is_new: bool = False
    base: str | None = None
    model: str | None = None
    max_usd: float | None = None
    max_tokens: int | None = None
    max_hours: float | None = None
    replay: Path | None = None
    is_replay_strict: bool = False
    accepts_plan_change: bool = False
    resets_health: bool = False
    max_wait_s: float | None = None
    until: float | None = None
    given: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RunEnd:
    """How a start of a run ended: the run's state, the exit code, and the reason in one sentence."""

    run_id: str
    state: str
    exit_code: int
    reason: str | None
    message: str | None
    next: tuple[str, ...]
