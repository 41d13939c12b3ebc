"""Moves a phase after a failed attempt, as ``recovery/policy.py`` decides."""

from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.memory import Entry
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.transitions import PhaseEvent
from autopack.executor.run_context import State
from autopack.recovery.policy import Allowance, GiveUp, Hold, Retry, choose
from autopack.store.attempts import AttemptKey, Failed
from autopack.store.phase_changes import GivenUp, hold


def record_failure(redactor: Redactor, state: State, key: AttemptKey, failed: AttemptFailed, learned: tuple[Entry, ...]) -> None:
    """Ends the attempt with its reason, redacted, and what is remembered of it: no secret reaches the next prompt or the log."""
    redact = redactor.redact
    is_audit = failed.kind in (FailureKind.AUDIT_REJECTED, FailureKind.AUDIT_UNREADABLE)
    ended = Failed(failed.kind, redact(failed.message), redact(failed.evidence), only_auditor_against=is_audit, learned=learned)
    state.phases.fail_attempt(key, ended)


def recover_phase(state: State, phase: PhaseSpec) -> None:
    """Takes a recovering phase to queued, held or failed."""
    phases = state.phases
    counts_from = phases.get(phase.id).counts_from
    history = phases.feedback(phase.id)
    last = phases.last_attempt(phase.id)
    if last is None or not history:
        return
    if last.is_adopted:
        phases.move(phase.id, PhaseEvent.HOLD, last.number, hold(HeldReason.ADOPTED_RED, history[-1].message))
        return
    spent = sum(lesson.attempt > counts_from for lesson in history)
    allowance = Allowance(spent, phase.max_attempts, is_small=last.is_small)
    match choose(history[-1].kind, history, allowance, only_auditor_against=last.only_auditor_against):
        case Retry():
            phases.move(phase.id, PhaseEvent.RETRY, last.number)
        case Hold(reason, sentence):
            paths = tuple(history[-1].evidence.splitlines()) if reason is HeldReason.BUILDER_BLOCKED else ()
            phases.move(phase.id, PhaseEvent.HOLD, last.number, hold(reason, sentence, paths))
        case GiveUp(reason):
            phases.move(phase.id, PhaseEvent.GIVE_UP, last.number, GivenUp(message=reason))
