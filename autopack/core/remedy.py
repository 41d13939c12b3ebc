"""What follows a failed attempt: as it is decided, recorded, told and followed in a replay."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

from autopack.core.candidate import Candidate
from autopack.core.context import EditMode
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.model import Frozen
from autopack.core.models_settings import Complexity, FixType


class Remedy(StrEnum):
    RETRY = "retry"
    ESCALATE = "escalate"
    REPLAN = "replan"
    DOCTOR = "doctor"
    SKIP = "skip"
    HOLD = "hold"
    GIVE_UP = "give_up"
    ROLL_BACK = "roll_back"
    STOP = "stop"


TOLD_BY_STATE: Final = frozenset({Remedy.HOLD, Remedy.SKIP, Remedy.GIVE_UP, Remedy.STOP})
"""The state that the phase or the run comes into says the same."""


REPLANNED: Final = "replanned"
ADVISED: Final = "advised"
FIXED: Final = "fixed"
_ADVISED: Final = {REPLANNED: FailureKind.REPLANNED, ADVISED: FailureKind.ADVISED, FIXED: FailureKind.FIXED}


class Decided(Frozen):
    """One decision over a failure of that ``kind``.

    ``row`` names the row of the policy's table that applied, ``because`` is its sentence. ``tier``, ``model`` and ``mode`` are those of the
    attempts that follow, ``advice`` is what their prompts hold besides the failure; a mode of None leaves each file the form of its size.
    ``left``: what could be done after it, as a doctor is told, and ``fix_types``: the commands that it may ask for.
    """

    kind: FailureKind
    remedy: Remedy
    row: str
    because: str
    tier: Complexity
    model: str | None = None
    mode: EditMode | None = None
    held: HeldReason | None = None
    advice: str = ""
    left: str = ""
    fix_types: tuple[FixType, ...] = ()

    @property
    def advised(self) -> FailureKind | None:
        """As what the builder is told the advice."""
        return _ADVISED.get(self.row) if self.advice else None

    def told(self) -> dict[str, Any]:
        """The data of its event, as JSON values."""
        told = self.model_dump(mode="json", include={"remedy", "tier", "model", "mode"})
        return {**told, "message": self.because}


@dataclass(frozen=True)
class Rung:
    """A model that may build a phase, and its tier; ``after`` so many failed attempts the next one is asked, where a policy says it."""

    model: str
    tier: Complexity
    after: int | None = None


class Replan(Frozen):
    """A replanner's answer: what the builder is told, and the form it is asked for; or why the answer is ``refused``."""

    advice: str = ""
    mode: EditMode | None = None
    refused: str | None = None


class DoctorAction(StrEnum):
    RETRY_WITH_FIX = "retry_with_fix"
    REPLAN = "replan"
    SKIP_PHASE = "skip_phase"
    MARK_FATAL = "mark_fatal"
    ROLLBACK_RUN = "rollback_run"
    EXECUTE_FIX = "execute_fix"


class Doubt(Frozen):
    """A criterion, and why it is ``wrong`` or cannot be met as it is written; empty where it is neither."""

    criterion: str
    wrong: str = ""


class Diagnosis(Frozen):
    """A doctor's answer; ``hint`` is for the builder, ``rationale`` for people; ``fix_commands`` are argument lists.

    ``criteria``: those that it takes for wrong.
    """

    action: DoctorAction
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.5
    rationale: str = ""
    hint: str = ""
    failure_kind: str | None = None
    fix_type: FixType | None = None
    fix_commands: tuple[tuple[str, ...], ...] = ()
    criteria: tuple[Doubt, ...] = ()


class Consultation(Frozen):
    """One question to a doctor; without a diagnosis its answer is ``refused`` with that reason."""

    model: str
    is_strong: bool
    diagnosis: Diagnosis | None = None
    refused: str | None = None


class Fix(Frozen):
    """What the commands of a doctor left of a phase's files.

    ``candidate`` holds all fixes of the phase so far as a commit on no branch, ``commands`` those that made it, as texts. ``undone`` are
    the paths that were put back, each with its reason. ``failure``: this fix counts, and nothing of it was kept, because of ``why``.
    """

    candidate: Candidate | None = None
    commands: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    failure: FailureKind | None = None
    why: str = ""


class AttemptDecided(Frozen):
    """A decision over the failure of an attempt."""

    attempt: int
    decided: Decided


def escalation(decisions: tuple[AttemptDecided, ...]) -> Decided | None:
    """The last decision for another model."""
    return next((one.decided for one in reversed(decisions) if one.decided.remedy is Remedy.ESCALATE), None)


def escalated(decisions: tuple[AttemptDecided, ...]) -> str | None:
    """The model that a phase has been brought to; None where it still is the first."""
    decided = escalation(decisions)
    return decided.model if decided else None
