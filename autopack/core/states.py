"""The states of runs and phases, and why a phase is held."""

from enum import StrEnum
from typing import Final


class PhaseState(StrEnum):
    QUEUED = "queued"
    BUILDING = "building"
    APPLYING = "applying"
    CHECKING = "checking"
    AUDITING = "auditing"
    GATING = "gating"
    INTEGRATING = "integrating"
    RECOVERING = "recovering"
    COMPLETE = "complete"
    HELD = "held"
    FAILED = "failed"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled_back"


class RunState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETE = "complete"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    HELD = "held"
    STOPPED = "stopped"
    BLOCKED = "blocked"
    INTERRUPTED = "interrupted"


class Hold(StrEnum):
    """Why a phase waits for a person: a green candidate to look at, or a question that needs an answer."""

    REVIEW = "review"
    QUESTION = "question"


WORKING: Final = (
    PhaseState.BUILDING,
    PhaseState.APPLYING,
    PhaseState.CHECKING,
    PhaseState.AUDITING,
    PhaseState.GATING,
    PhaseState.INTEGRATING,
)
"""The straight line, in order."""

ENDED: Final = frozenset({PhaseState.COMPLETE, PhaseState.FAILED, PhaseState.SKIPPED, PhaseState.ROLLED_BACK})
LOST: Final = frozenset({PhaseState.FAILED, PhaseState.SKIPPED, PhaseState.ROLLED_BACK})
