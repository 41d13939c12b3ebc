"""Moves a phase after a failed attempt: ``recovery/policy.py`` decides, the decision is recorded with the failure, this carries it out."""

from autopack.core.errors import AttemptFailed, BudgetSpentError
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Decided, Remedy
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.consult import CONSULT
from autopack.executor.attempt.error_reports import of_attempt, write_files
from autopack.executor.attempt.failed_case import case_of, decide, key_of
from autopack.executor.attempt.remembering import learned_by_failure
from autopack.executor.attempt.roll_back_run import roll_back_run
from autopack.executor.attempt.ruling import rules_in_vain
from autopack.executor.run_context import ModelAccess, RunContext, WorkSite
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.recovery.case import Case
from autopack.store.attempts import AttemptKey, Failed
from autopack.store.phase_changes import GivenUp, Skipped, hold
from autopack.store.phases import Phases


def record_failure(site: WorkSite, models: ModelAccess, phase: PhaseSpec, key: AttemptKey, failed: AttemptFailed) -> None:
    """Ends the attempt with its reason, redacted, what is remembered of it, and what is decided: no secret reaches prompt or log."""
    state, redact = site.state, site.log.redactor.redact
    is_audit = failed.kind in (FailureKind.AUDIT_REJECTED, FailureKind.AUDIT_UNREADABLE)
    learned = learned_by_failure(site, phase, key, failed)
    report = of_attempt(state, site.log, phase, key, failed)
    in_vain = rules_in_vain(site, key, failed)
    ended = Failed(failed.kind, redact(failed.message), redact(failed.evidence), is_audit, learned, report, in_vain)
    case = case_of(state, models, phase, ended)
    state.phases.fail_attempt(key, ended, decide(models.replay, phase, case) if case else None)
    write_files(state)


def recover_phase(ctx: RunContext, phase: PhaseSpec) -> None:
    """Takes a recovering phase to queued, held or failed: as it was decided, or as is decided now over a person's no."""
    phases = ctx.state.phases
    case = case_of(ctx.state, ctx.models, phase)
    if case is None:
        return
    key = key_of(ctx.state, case)
    decided = _decided(phases, ctx.replay, phase, case, key)
    while decided.remedy in CONSULT:
        decided = CONSULT[decided.remedy](ctx, phase, case_of(ctx.state, ctx.models, phase) or case)
        phases.decide(key, decided)
    _carry_out(ctx.site, phase, case, decided)


def _decided(phases: Phases, replay: ReplayJournal | None, phase: PhaseSpec, case: Case, key: AttemptKey) -> Decided:
    """As it stands. A stop is decided over anew, and recorded once as long as it holds."""
    last = case.decisions[-1] if case.decisions else None
    standing = last.decided if last and (last.attempt, last.decided.kind) == (key.number, case.last.lesson.kind) else None
    if standing is not None and standing.remedy is not Remedy.STOP:
        return standing
    decided = decide(replay, phase, case)
    if standing is None or decided.remedy is not Remedy.STOP:
        phases.decide(key, decided)
    return decided


def _carry_out(site: WorkSite, phase: PhaseSpec, case: Case, decided: Decided) -> None:
    phases, number = site.state.phases, case.last.lesson.attempt
    match decided.remedy:
        case Remedy.RETRY | Remedy.ESCALATE:
            phases.move(phase.id, PhaseEvent.RETRY, number)
        case Remedy.HOLD:
            reason = decided.held or HeldReason.BUILDER_BLOCKED
            paths = tuple(case.last.lesson.evidence.splitlines()) if reason is HeldReason.BUILDER_BLOCKED else ()
            phases.move(phase.id, PhaseEvent.HOLD, number, hold(reason, decided.because, paths))
        case Remedy.SKIP:
            phases.move(phase.id, PhaseEvent.SKIP, number, Skipped(because=decided.because))
        case Remedy.GIVE_UP:
            phases.move(phase.id, PhaseEvent.GIVE_UP, number, GivenUp(message=decided.because))
        case Remedy.ROLL_BACK:
            roll_back_run(site, phase, number, decided.because)
        case Remedy.STOP:
            raise BudgetSpentError("health", decided.because)
