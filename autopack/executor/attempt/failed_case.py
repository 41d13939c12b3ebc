"""Gathers what a failure is decided by, from rows, and decides: as a replayed journal has it, else as the policy does."""

from autopack.core.call import Asking, Role
from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Decided, Fix, Remedy, Rung
from autopack.core.reviewing import Verdict
from autopack.core.step_names import StepName, all_laps
from autopack.executor.attempt.came_before import last_report
from autopack.executor.health import health_in_words, why_unhealthy
from autopack.executor.run_context import ModelAccess, State
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.calls.routing import ladder
from autopack.recovery.case import Allowance, Case
from autopack.recovery.fingerprint import FailedAttempt
from autopack.recovery.policy import choose
from autopack.store.attempts import AttemptKey, Failed
from autopack.store.steps import steps_of
from autopack.store.tables import AttemptRow, PhaseRow


def case_of(state: State, models: ModelAccess, phase: PhaseSpec, ended: Failed | None = None) -> Case | None:
    """The phase's last failure; ``ended`` is one that is yet to be recorded. None where nothing has failed."""
    phases = state.phases
    last, row = phases.last_attempt(phase.id), phases.get(phase.id)
    lessons = [lesson for lesson in phases.feedback(phase.id) if ended is None or last is None or lesson.attempt != last.number]
    if last is not None and ended is not None:
        lessons.append(_lesson(last, ended))
    if last is None or not lessons:
        return None
    return Case(
        phase=phase.id,
        parent=last.parent,
        history=tuple(_failed(state, phase, lesson) for lesson in lessons),
        decisions=phases.decisions(phase.id),
        allowance=_allowance(state, models, phase, row, ended.kind if ended else None),
        settings=models.settings,
        complexity=phase.complexity,
        is_small=last.is_small,
        is_adopted=last.is_adopted,
        only_auditor_against=ended.only_auditor_against if ended else last.only_auditor_against,
    )


def key_of(state: State, case: Case) -> AttemptKey:
    """The attempt that failed last."""
    return AttemptKey(state.run_id, case.phase, case.last.lesson.attempt, case.parent)


def decide(replay: ReplayJournal | None, phase: PhaseSpec, case: Case) -> Decided:
    """What a replayed journal has of this failure; what it does not tell of, it answers with retries alone."""
    if replay is None:
        return choose(case)
    number = case.last.lesson.attempt
    earlier = sum(one.attempt == number for one in case.decisions)
    told = [one for one in replay.decided(phase.id, number) if one.remedy is not Remedy.STOP]  # a replay costs nothing
    recorded = told[earlier : earlier + 1]
    return recorded[0] if recorded and recorded[0].kind is case.last.lesson.kind else choose(case)


def _lesson(last: AttemptRow, ended: Failed) -> Feedback:
    return Feedback.model_validate(
        {"attempt": last.number, "kind": ended.kind, "message": ended.message, "evidence": ended.evidence, "mode": last.mode}
    )


def _failed(state: State, phase: PhaseSpec, lesson: Feedback) -> FailedAttempt:
    steps = steps_of(state.database, state.run_id, phase.id, lesson.attempt)
    report, verdicts = last_report(steps), all_laps(steps, StepName.AUDIT)
    failing, fault = (report.newly_failed, report.fault) if report else ((), None)
    lesson = lesson.model_copy(update={"fault": fault}) if lesson.kind is FailureKind.CHECKS_RED else lesson
    fatal = Verdict.model_validate_json(verdicts[-1]).failure_kind if verdicts else None
    asking = Asking(run=state.run_id, phase=phase.id, attempt=lesson.attempt, role=Role.BUILDER)
    models = state.calls.models(asking, 1)
    fix = Fix.model_validate_json(steps[StepName.FIX]) if StepName.FIX in steps else None
    return FailedAttempt(lesson, frozenset(failing), fatal, tuple(sorted(models)), fix)


def _allowance(state: State, models: ModelAccess, phase: PhaseSpec, row: PhaseRow, failed: FailureKind | None) -> Allowance:
    """The model that a person chose, for the run or for the phase, stays. ``failed``: a failure that is not recorded yet."""
    is_free = models.replay is None and models.model is None and row.model is None
    rungs: tuple[Rung, ...] = ladder(models.settings, models.keys, phase.complexity, phase.task_category) if is_free else ()
    phases, settings = state.phases, models.settings
    replans = (settings.replan.max_replans_per_phase, settings.replan.max_replans_per_run)
    calls = (settings.doctor.max_calls_per_phase, settings.doctor.max_calls_per_run)

    def left(name: StepName, limits: tuple[int, int]) -> int:
        return min(limits[0] - phases.count_steps(name, phase.id), limits[1] - phases.count_steps(name))

    return Allowance(
        max_attempts=phase.max_attempts,
        counts_from=row.counts_from,
        ladder=rungs,
        replans=left(StepName.REPLAN, replans),
        consultations=left(StepName.DOCTOR, calls),
        fixes=settings.doctor.max_execute_fix_per_phase - phases.count_steps(StepName.FIX, phase.id),
        only_retries=models.replay is not None,
        spent=why_unhealthy(state, models, failed),
        health=health_in_words(state, settings, failed),
    )
