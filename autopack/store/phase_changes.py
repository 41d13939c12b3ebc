"""Holds what a transition of a phase writes beside its state: one small type for each kind, whose fields go to the log."""

import json
from typing import Any, Final, NamedTuple, TypedDict

from pydantic import Field

from autopack.core.error_report import ErrorReport
from autopack.core.failure import FailureKind
from autopack.core.held import HELD, HeldReason
from autopack.core.memory import Entry
from autopack.core.model import Frozen
from autopack.core.rules import Lesson
from autopack.core.states import Hold
from autopack.core.terms import Terms


class PhaseColumns(TypedDict, total=False):
    """Columns of a phase's row."""

    state: str
    held_reason: str | None
    held_message: str | None
    held_paths: str
    skipped_because: str | None
    commit: str | None
    failure_kind: str | None
    failure_message: str | None
    counts_from: int
    model: str
    added_scope: str
    granted_scope: str


NOT_HELD: Final[PhaseColumns] = {"held_reason": None, "held_message": None, "held_paths": "[]"}
NO_FAILURE: Final[PhaseColumns] = {"failure_kind": None, "failure_message": None}


class PhaseChange(Frozen):
    """The base of them. A change that only goes to the log derives from it without ``columns`` of its own.

    ``error`` is the report of something that went wrong with it; ``came_and_went`` are tests that failed and passed on one tree;
    ``terms`` those of a person's verb from afar.
    """

    error: ErrorReport | None = Field(default=None, exclude=True)
    terms: Terms | None = Field(default=None, exclude=True)
    came_and_went: tuple[str, ...] = Field(default=(), exclude=True)

    def columns(self) -> PhaseColumns:
        return PhaseColumns()

    def told(self) -> dict[str, Any]:
        """The data of the event, as JSON values."""
        return {**self.model_dump(mode="json"), **(self.terms.told() if self.terms else {})}


class Begun(PhaseChange):
    """Another attempt: the failure before it is no longer the phase's."""

    parent: str
    mode: str

    def columns(self) -> PhaseColumns:
        return NO_FAILURE


class Lost(PhaseChange):
    """An attempt that failed."""

    kind: FailureKind
    message: str

    def columns(self) -> PhaseColumns:
        return {"failure_kind": self.kind.value, "failure_message": self.message}


class Rejected(PhaseChange):
    """A person rejected the candidate; ``message`` is why."""

    message: str

    def columns(self) -> PhaseColumns:
        return {"failure_kind": FailureKind.REVIEW_REJECTED.value, "failure_message": self.message}


class Granted(PhaseChange):
    """``paths`` that the builder asked for now; ``scope`` is all that it was granted."""

    message: str
    paths: tuple[str, ...]
    scope: tuple[str, ...] = Field(exclude=True)

    def columns(self) -> PhaseColumns:
        return {"granted_scope": json.dumps(self.scope)}


class Queued(PhaseChange):
    """A person gave fresh attempts. None: the model, or the added scope, stays."""

    message: str
    counts_from: int = Field(exclude=True)
    model: str | None = Field(default=None, exclude=True)
    added_scope: tuple[str, ...] | None = Field(default=None, exclude=True)

    def columns(self) -> PhaseColumns:
        columns: PhaseColumns = {**NO_FAILURE, "counts_from": self.counts_from, "skipped_because": None, "commit": None}
        if self.model is not None:
            columns["model"] = self.model
        if self.added_scope is not None:
            columns["added_scope"] = json.dumps(self.added_scope)
        return columns


class Skipped(PhaseChange):
    """``because``: a person's note, or the phase that was lost before."""

    because: str

    def columns(self) -> PhaseColumns:
        return {"skipped_because": self.because}


class Vanished(PhaseChange):
    """The plan no longer has the phase."""

    def columns(self) -> PhaseColumns:
        return {"skipped_because": "the plan no longer has it"}


class GivenUp(PhaseChange):
    message: str


class Based(PhaseChange):
    """Where an adopted candidate starts from."""

    parent: str


class LaidOn(PhaseChange):
    """The same change as another commit, on the head that moved."""

    commit: str
    parent: str


class Teaching(NamedTuple):
    """What a landing teaches: entries of the memory, and lessons that become rules."""

    entries: tuple[Entry, ...] = ()
    lessons: tuple[Lesson, ...] = ()


class Landed(PhaseChange):
    """The run's head moves with it; ``learned`` is remembered."""

    commit: str
    learned: Teaching = Field(default=Teaching(), exclude=True)

    def columns(self) -> PhaseColumns:
        return {**NO_FAILURE, "commit": self.commit}


class RolledBack(PhaseChange):
    """``to``: the phase up to which the branch still goes."""

    to: str


class Approved(PhaseChange):
    note: str
    override: str | None


class Held(PhaseChange):
    """Left to a person; made by ``hold``. A question is what the phase is lost by meanwhile."""

    held: Hold
    message: str
    reason: HeldReason = Field(exclude=True)
    paths: tuple[str, ...] = Field(exclude=True)

    def columns(self) -> PhaseColumns:
        held: PhaseColumns = {"held_reason": self.reason.value, "held_message": self.message, "held_paths": json.dumps(self.paths)}
        failure = HELD[self.reason].failure
        if self.held is Hold.QUESTION:
            held["failure_message"] = self.message
        if failure is not None:
            held["failure_kind"] = failure.value
        return held


def hold(reason: HeldReason, found: str, paths: tuple[str, ...] = ()) -> Held:
    """What is written when a phase begins to wait. ``found``: a sentence; ``paths``: those that the builder asks for."""
    rule = HELD[reason]
    return Held(held=rule.asks, message=rule.sentence.format(found=found), reason=reason, paths=paths)
