"""Asks replanner and doctor about a failed attempt, and gives the decision that follows from their answers."""

from collections.abc import Callable
from typing import Final

from autopack.core.call import Role
from autopack.core.candidate import Candidate
from autopack.core.error_report import UNUSABLE
from autopack.core.errors import UsageError
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Consultation, Decided, Diagnosis, DoctorAction, Fix, Remedy, Replan
from autopack.core.step_names import StepName, step_of
from autopack.executor.attempt.ask import ask, routes, wants_strong_doctor
from autopack.executor.attempt.came_before import lessons_of
from autopack.executor.attempt.error_reports import of_reply, write_files
from autopack.executor.attempt.execute_fix import execute_fix
from autopack.executor.attempt.failed_case import case_of, decide
from autopack.executor.attempt.phase_context import instructions_of
from autopack.executor.run_context import RunContext
from autopack.recovery.advice_reply import AdviceUnusable
from autopack.recovery.case import Case
from autopack.recovery.doctor import doctor_prompt, fixed, follow, read_diagnosis
from autopack.recovery.failure_story import FailureStory
from autopack.recovery.replan import read_replan, replan_prompt, replanned
from autopack.store.attempts import AttemptKey
from autopack.store.phase_changes import PhaseChange
from autopack.worktree.diff import diff

_DIFF_BYTES: Final = 200_000


class Said(PhaseChange):
    """What the log is told of an answer."""

    message: str


def replan(ctx: RunContext, phase: PhaseSpec, case: Case) -> Decided:
    """One question; an answer that may not be used counts, and the next row of the policy applies."""
    key = _key(ctx, phase, case)
    recorded = ctx.state.phases.step_results(key).get(StepName.REPLAN)
    answer = Replan.model_validate_json(recorded) if recorded else _ask_replanner(ctx, phase, case, key)
    return decide(ctx, phase, case) if answer.refused else replanned(case, answer)


def consult_doctor(ctx: RunContext, phase: PhaseSpec, case: Case) -> Decided:
    """The cheap model first; the strong one where that is not sure, and from the phase's second call on."""
    while not _is_settled(ctx, phase, case, done := _consultations(ctx, _key(ctx, phase, case))):
        _ask_doctor(ctx, phase, case, len(done) + 1)
        case = case_of(ctx, phase) or case
    last = done[-1].diagnosis if done else None
    followed = _followed(ctx, phase, case, last) if last else None
    return followed or decide(ctx, phase, case_of(ctx, phase) or case)


CONSULT: Final[dict[Remedy, Callable[[RunContext, PhaseSpec, Case], Decided]]] = {Remedy.REPLAN: replan, Remedy.DOCTOR: consult_doctor}


def consult_by_hand(ctx: RunContext, phase: PhaseSpec, *, applies: bool) -> tuple[Consultation, Fix | None]:
    """A person's question, and, where it is to be applied, what its commands did. Raises UsageError where nothing has failed."""
    case = case_of(ctx, phase)
    if case is None:
        raise UsageError(f"no attempt of phase '{phase.id}' has failed, so there is nothing to look at.")
    key = _key(ctx, phase, case)
    _ask_doctor(ctx, phase, case, len(_consultations(ctx, key)) + 1)
    answer = _consultations(ctx, key)[-1]
    if not applies or answer.diagnosis is None or answer.diagnosis.action is not DoctorAction.EXECUTE_FIX:
        return answer, None
    return answer, execute_fix(ctx, phase, key, answer.diagnosis, case.allowance.fixes)


def _followed(ctx: RunContext, phase: PhaseSpec, case: Case, diagnosis: Diagnosis) -> Decided | None:
    if diagnosis.action is not DoctorAction.EXECUTE_FIX or any(doubt.wrong.strip() for doubt in diagnosis.criteria):
        return follow(case, diagnosis)
    fix = execute_fix(ctx, phase, _key(ctx, phase, case), diagnosis, case.allowance.fixes)
    return fixed(case, diagnosis, fix) if fix.failure is None else None


def _ask_replanner(ctx: RunContext, phase: PhaseSpec, case: Case, key: AttemptKey) -> Replan:
    reply = ask(ctx, key, Role.REPLANNER, lambda: replan_prompt(_story(ctx, phase, case)))
    error = None
    try:
        answer = read_replan(reply, phase)
    except AdviceUnusable as unusable:
        answer, error = Replan(refused=str(unusable)), of_reply(ctx, key, unusable, UNUSABLE, Role.REPLANNER)
    answer = Replan.model_validate(ctx.redactor.redact_within(answer.model_dump()))
    said = f"its answer is not used: {answer.refused}" if answer.refused else answer.advice
    ctx.state.phases.record_step(key, StepName.REPLAN, answer.model_dump_json(), None, Said(message=said, error=error))
    write_files(ctx)
    return answer


def _ask_doctor(ctx: RunContext, phase: PhaseSpec, case: Case, question: int) -> None:
    key = _key(ctx, phase, case)
    is_strong = wants_strong_doctor(ctx, phase)
    reply = ask(ctx, key, Role.DOCTOR, lambda: doctor_prompt(_story(ctx, phase, case)), question)
    model, error = f"{reply.provider}/{reply.requested_model}", None
    try:
        answer = Consultation(model=model, is_strong=is_strong, diagnosis=read_diagnosis(reply))
    except AdviceUnusable as unusable:
        answer = Consultation(model=model, is_strong=is_strong, refused=str(unusable))
        error = of_reply(ctx, key, unusable, UNUSABLE, Role.DOCTOR)
    answer = Consultation.model_validate(ctx.redactor.redact_within(answer.model_dump(mode="json")))
    name = StepName.DOCTOR.on_lap(question)
    ctx.state.phases.record_step(key, name, answer.model_dump_json(), None, Said(message=_said(answer), error=error))
    write_files(ctx)


def _is_settled(ctx: RunContext, phase: PhaseSpec, case: Case, done: tuple[Consultation, ...]) -> bool:
    """Whether the last answer is the one to go by. A replay asks as often as the journal did."""
    if not done:
        return False
    if ctx.replay is not None:
        return ctx.replay.call(phase.id, case.last.lesson.attempt, Role.DOCTOR, len(done) + 1) is None
    last, models = done[-1], ctx.settings.models.doctor_models
    is_sure = last.diagnosis is None or last.is_strong or last.diagnosis.confidence >= models.min_confidence_for_cheap
    return is_sure or case.allowance.consultations <= 0 or routes(ctx, phase, Role.DOCTOR)[0].name == last.model


def _consultations(ctx: RunContext, key: AttemptKey) -> tuple[Consultation, ...]:
    steps = ctx.state.phases.step_results(key)
    return tuple(Consultation.model_validate_json(text) for name, text in steps.items() if step_of(name) == StepName.DOCTOR)


def _said(answer: Consultation) -> str:
    if answer.diagnosis is None:
        return f"its answer is not used: {answer.refused}"
    diagnosis = answer.diagnosis
    return f"{diagnosis.action.replace('_', ' ')}, confidence {diagnosis.confidence:.2f}: {diagnosis.rationale or diagnosis.hint}"


def _story(ctx: RunContext, phase: PhaseSpec, case: Case) -> FailureStory:
    key = _key(ctx, phase, case)
    return FailureStory(phase, ctx.plan.goal, case, _edit(ctx, key), instructions_of(ctx, key.parent))


def _edit(ctx: RunContext, key: AttemptKey) -> str:
    """As a diff where a candidate was made of it, else as the builder answered."""
    recorded = ctx.state.phases.step_results(key).get(StepName.CANDIDATE)
    if recorded is not None:
        candidate = Candidate.model_validate_json(recorded)
        return ctx.redactor.redact(diff(ctx.repository, candidate.parent, candidate.commit, max_bytes=_DIFF_BYTES))
    answers = [lesson.answer for lesson in lessons_of(ctx, key.phase) if lesson.attempt == key.number]
    return answers[-1] if answers else ""


def _key(ctx: RunContext, phase: PhaseSpec, case: Case) -> AttemptKey:
    return AttemptKey(ctx.run_id, phase.id, case.last.lesson.attempt, case.parent)
