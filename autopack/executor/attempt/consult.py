"""Asks replanner and doctor about a failed attempt, and gives the decision that follows from their answers."""

from collections.abc import Callable
from typing import Final

from autopack.core.call import Role
from autopack.core.candidate import Candidate
from autopack.core.error_report import UNUSABLE
from autopack.core.errors import UsageError
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Consultation, Decided, Diagnosis, DoctorAction, Fix, Remedy, Replan
from autopack.core.step_names import StepName, all_laps
from autopack.executor.attempt.ask import ask, routes, wants_strong_doctor
from autopack.executor.attempt.came_before import lessons_of
from autopack.executor.attempt.error_reports import of_reply, write_files
from autopack.executor.attempt.execute_fix import FixAsked, execute_fix
from autopack.executor.attempt.failed_case import case_of, decide, key_of
from autopack.executor.attempt.phase_context import instructions_of
from autopack.executor.run_context import ModelAccess, RunContext, State, WorkSite
from autopack.llm.calls.journal_file import ReplayJournal
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
    key = key_of(ctx.state, case)
    recorded = ctx.state.phases.step_results(key).get(StepName.REPLAN)
    answer = Replan.model_validate_json(recorded) if recorded else _ask_replanner(ctx, phase, case, key)
    return decide(ctx.replay, phase, case) if answer.refused else replanned(case, answer)


def consult_doctor(ctx: RunContext, phase: PhaseSpec, case: Case) -> Decided:
    """The cheap model first; the strong one where that is not sure, and from the phase's second call on."""
    while not _is_settled(ctx.state, ctx.models, phase, case, done := _consultations(ctx.state, key_of(ctx.state, case))):
        _ask_doctor(ctx, phase, case, len(done) + 1)
        case = case_of(ctx.state, ctx.models, phase) or case
    last = done[-1].diagnosis if done else None
    followed = _followed(ctx.site, ctx.replay, phase, case, last) if last else None
    return followed or decide(ctx.replay, phase, case_of(ctx.state, ctx.models, phase) or case)


CONSULT: Final[dict[Remedy, Callable[[RunContext, PhaseSpec, Case], Decided]]] = {Remedy.REPLAN: replan, Remedy.DOCTOR: consult_doctor}


def consult_by_hand(ctx: RunContext, phase: PhaseSpec, *, applies: bool) -> tuple[Consultation, Fix | None]:
    """A person's question, and, where it is to be applied, what its commands did. Raises UsageError where nothing has failed."""
    case = case_of(ctx.state, ctx.models, phase)
    if case is None:
        raise UsageError(f"no attempt of phase '{phase.id}' has failed, so there is nothing to look at.")
    key = key_of(ctx.state, case)
    _ask_doctor(ctx, phase, case, len(_consultations(ctx.state, key)) + 1)
    answer = _consultations(ctx.state, key)[-1]
    if not applies or answer.diagnosis is None or answer.diagnosis.action is not DoctorAction.EXECUTE_FIX:
        return answer, None
    return answer, execute_fix(ctx.site, ctx.replay, FixAsked(phase, key, answer.diagnosis, case.allowance.fixes))


def _followed(site: WorkSite, replay: ReplayJournal | None, phase: PhaseSpec, case: Case, diagnosis: Diagnosis) -> Decided | None:
    if diagnosis.action is not DoctorAction.EXECUTE_FIX or any(doubt.wrong.strip() for doubt in diagnosis.criteria):
        return follow(case, diagnosis)
    fix = execute_fix(site, replay, FixAsked(phase, key_of(site.state, case), diagnosis, case.allowance.fixes))
    return fixed(case, diagnosis, fix) if fix.failure is None else None


def _ask_replanner(ctx: RunContext, phase: PhaseSpec, case: Case, key: AttemptKey) -> Replan:
    reply = ask(ctx, key, Role.REPLANNER, lambda: replan_prompt(_story(ctx.site, phase, case)))
    error = None
    try:
        answer = read_replan(reply, phase)
    except AdviceUnusable as unusable:
        answer, error = Replan(refused=str(unusable)), of_reply(ctx.state, ctx.log, key.asking(Role.REPLANNER), unusable, UNUSABLE)
    answer = Replan.model_validate(ctx.log.redactor.redact_within(answer.model_dump()))
    said = f"its answer is not used: {answer.refused}" if answer.refused else answer.advice
    ctx.state.phases.record_step(key, StepName.REPLAN, answer.model_dump_json(), None, Said(message=said, error=error))
    write_files(ctx.state)
    return answer


def _ask_doctor(ctx: RunContext, phase: PhaseSpec, case: Case, question: int) -> None:
    key = key_of(ctx.state, case)
    is_strong = wants_strong_doctor(ctx.state, ctx.settings.models, phase)
    reply = ask(ctx, key, Role.DOCTOR, lambda: doctor_prompt(_story(ctx.site, phase, case)), question)
    model, error = f"{reply.provider}/{reply.requested_model}", None
    try:
        answer = Consultation(model=model, is_strong=is_strong, diagnosis=read_diagnosis(reply))
    except AdviceUnusable as unusable:
        answer = Consultation(model=model, is_strong=is_strong, refused=str(unusable))
        error = of_reply(ctx.state, ctx.log, key.asking(Role.DOCTOR), unusable, UNUSABLE)
    answer = Consultation.model_validate(ctx.log.redactor.redact_within(answer.model_dump(mode="json")))
    name = StepName.DOCTOR.on_lap(question)
    ctx.state.phases.record_step(key, name, answer.model_dump_json(), None, Said(message=_said(answer), error=error))
    write_files(ctx.state)


def _is_settled(state: State, models: ModelAccess, phase: PhaseSpec, case: Case, done: tuple[Consultation, ...]) -> bool:
    """Whether the last answer is the one to go by. A replay asks as often as the journal did."""
    if not done:
        return False
    if models.replay is not None:
        return models.replay.call(phase.id, case.last.lesson.attempt, Role.DOCTOR, len(done) + 1) is None
    last, least = done[-1], models.settings.doctor_models.min_confidence_for_cheap
    is_sure = last.diagnosis is None or last.is_strong or last.diagnosis.confidence >= least
    return is_sure or case.allowance.consultations <= 0 or routes(state, models, phase, Role.DOCTOR)[0].name == last.model


def _consultations(state: State, key: AttemptKey) -> tuple[Consultation, ...]:
    return tuple(map(Consultation.model_validate_json, all_laps(state.phases.step_results(key), StepName.DOCTOR)))


def _said(answer: Consultation) -> str:
    if answer.diagnosis is None:
        return f"its answer is not used: {answer.refused}"
    diagnosis = answer.diagnosis
    return f"{diagnosis.action.replace('_', ' ')}, confidence {diagnosis.confidence:.2f}: {diagnosis.rationale or diagnosis.hint}"


def _story(site: WorkSite, phase: PhaseSpec, case: Case) -> FailureStory:
    key = key_of(site.state, case)
    return FailureStory(phase, site.plan.goal, case, _edit(site, key), instructions_of(site, key.parent))


def _edit(site: WorkSite, key: AttemptKey) -> str:
    """As a diff where a candidate was made of it, else as the builder answered."""
    recorded, redactor = site.state.phases.step_results(key).get(StepName.CANDIDATE), site.log.redactor
    if recorded is not None:
        candidate = Candidate.model_validate_json(recorded)
        return redactor.redact(diff(site.repository, candidate.parent, candidate.commit, max_bytes=_DIFF_BYTES))
    answers = [lesson.answer for lesson in lessons_of(site.state, redactor, key.phase) if lesson.attempt == key.number]
    return answers[-1] if answers else ""
