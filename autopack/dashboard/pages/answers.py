"""What a person can do about a phase: for each state and hold the verbs, and what each would do to which commit. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from autopack.core.states import Hold, PhaseState
from autopack.core.status import PhaseStatus

Verb = Literal["approve", "reject", "retry", "skip", "adopt"]
Field = Literal["note", "override", "model", "paths", "commit"]

FIELDS: Final[dict[Verb, tuple[Field, ...]]] = {
    "approve": ("override", "note"),
    "reject": ("note",),
    "retry": ("note", "model", "paths"),
    "skip": ("note",),
    "adopt": ("commit",),
}
"""What the form of a verb asks for."""

_RETRIED: Final = frozenset({PhaseState.FAILED, PhaseState.SKIPPED, PhaseState.ROLLED_BACK})
_OFFERED: Final[dict[Hold, tuple[Verb, ...]]] = {Hold.REVIEW: ("approve", "reject", "skip"), Hold.QUESTION: ("retry", "adopt", "skip")}


@dataclass(frozen=True)
class Answer:
    """``does`` is what its button says."""

    verb: Verb
    does: str
    fields: tuple[Field, ...]

    @property
    def needs_note(self) -> bool:
        return self.verb in ("reject", "skip")


@dataclass(frozen=True)
class Facts:
    """Short commits: the branch's ``head``, and the ``candidate`` that waits, if there is one."""

    branch: str
    head: str
    candidate: str | None
    is_auditor_against: bool = False


def answers_to(phase: PhaseStatus, facts: Facts) -> tuple[Answer, ...]:
    """None for a phase that is at work, waits for its turn or has landed."""
    return tuple(Answer(verb, _does(verb, phase.id, facts), tuple(_fields(verb, phase, facts))) for verb in _verbs(phase))


def _verbs(phase: PhaseStatus) -> tuple[Verb, ...]:
    if phase.state == PhaseState.HELD and phase.held is not None:
        return _OFFERED[Hold(phase.held)]
    return ("retry",) if phase.state in _RETRIED else ()


def _does(verb: Verb, phase: str, facts: Facts) -> str:
    place = f"{facts.branch} at {facts.head}"
    match verb:
        case "approve":
            against = ", although the auditor is against it" if facts.is_auditor_against else ""
            return f"Approve: {facts.candidate} lands on {place}{against}"
        case "reject":
            return f"Reject {facts.candidate}: the builder tries again and reads the note"
        case "retry":
            return f"Retry: {phase} gets fresh attempts on {place}"
        case "skip":
            return f"Skip: {phase} and what depends on it are left out; {place} stays"
        case "adopt":
            return f"Adopt: commits that a person made on {place} become {phase}, once checked and audited"


def _fields(verb: Verb, phase: PhaseStatus, facts: Facts) -> Iterator[Field]:
    for field in FIELDS[verb]:
        if field == "override" and not facts.is_auditor_against:
            continue
        if field == "paths" and not (phase.held_because and phase.held_because.paths):
            continue
        yield field
