"""What follows a failed attempt. Pure: the failure, what came before, what the plan allows."""

from dataclasses import dataclass
from typing import Final

from autopack.core.context import EditMode, Feedback
from autopack.core.failure import RULES, FailureKind
from autopack.core.held import HeldReason
from autopack.recovery.ladder import next_mode, wants_higher_cap


@dataclass(frozen=True)
class Retry:
    """Ask again. ``mode`` is the form that is forced from now on; None leaves each file the form of its size."""

    mode: EditMode | None
    wants_higher_cap: bool


@dataclass(frozen=True)
class Hold:
    """Wait for a person; ``sentence`` is for them."""

    reason: HeldReason
    sentence: str


@dataclass(frozen=True)
class GiveUp:
    """The phase has failed; ``reason`` is a sentence."""

    reason: str


_QUESTIONS: Final = {
    FailureKind.BUILDER_BLOCKED: HeldReason.BUILDER_BLOCKED,
    FailureKind.CHECK_UNUSABLE: HeldReason.CHECK_UNUSABLE,
}
"""Failures that only a person can answer."""

NextStep = Retry | Hold | GiveUp


@dataclass(frozen=True)
class Allowance:
    """``attempts`` counts those since a person last said retry; ``is_small`` is ``PhaseContext.is_small`` of the last one."""

    attempts: int
    max_attempts: int
    is_small: bool


def choose(failure: FailureKind, history: tuple[Feedback, ...], allowance: Allowance, *, only_auditor_against: bool) -> NextStep:
    """Decides over the failure that ended the last attempt.

    Args:
        failure: its kind.
        history: all failed attempts of the phase, oldest first, this one last.
        allowance: what is left of the plan's attempts.
        only_auditor_against: the last attempt has a candidate with green checks that only the auditor is against.
    """
    last = history[-1].message if history else RULES[failure].lead
    if failure in _QUESTIONS:
        return Hold(_QUESTIONS[failure], last)
    if not RULES[failure].is_retried:
        return GiveUp(last)
    if allowance.attempts < allowance.max_attempts:
        return Retry(next_mode(history, is_small=allowance.is_small), wants_higher_cap(history))
    spent = f"All {allowance.max_attempts} attempts are spent"
    if only_auditor_against:
        return Hold(HeldReason.AUDITOR_AGAINST, f"{spent}; the checks are green, only the auditor is against it: {last}")
    return GiveUp(f"{spent}; the last one failed: {last}")
