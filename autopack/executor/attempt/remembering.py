"""Where an attempt meets the memory: what it is reminded of, and what it leaves behind when it fails or lands."""

from concurrent.futures import Future
from typing import Final

from autopack.context.words import task_of
from autopack.core.context import Feedback, Reminder
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.memory import Entry, Recalled, Recollection
from autopack.core.plan import PhaseSpec
from autopack.core.step_names import StepName
from autopack.executor.attempt.embedding import vectors_of_attempt
from autopack.executor.attempt.steps import Steps
from autopack.executor.run_context import ModelAccess, State, WorkSite
from autopack.memory.embeddings import EmbeddingsUnavailableError
from autopack.memory.learned import Origin, failure_words, of_failure, of_landing
from autopack.memory.memory_service import Question, recall
from autopack.review.diff_text import bounded_diff
from autopack.store.attempts import AttemptKey

_DIFF_CHARACTERS: Final = 1_200
OF_THE_CODE: Final = frozenset(
    {
        *(FailureKind.CHECKS_RED, FailureKind.CHECK_TIMEOUT, FailureKind.NO_TESTS, FailureKind.NOT_RED, FailureKind.FLAKY),
        *(FailureKind.TESTS_WEAKENED, FailureKind.DERIVE_FAILED, FailureKind.SYNTAX, FailureKind.AUDIT_REJECTED),
    }
)
"""Failures whose words say what was wrong with the change; those of others are alike whatever was asked for."""


def reminders(site: WorkSite, models: ModelAccess, phase: PhaseSpec, step: Steps) -> tuple[Reminder, ...]:
    """What the phase's attempts were reminded of, this one's included; it is looked for once an attempt."""
    before = tuple(_earlier(site.state, step, number) for number in range(1, step.key.number))
    is_new = step.recorded(StepName.RECALL, Recollection) is None
    known = tuple(one for reminder in before for one in reminder.found)
    found = step.pin(StepName.RECALL, Recollection, lambda: _recalled(site, models, phase, step.key, known)).found
    if found and is_new:
        told = [one.model_dump(mode="json", exclude={"text"}) for one in found]
        site.log.tell(EventName.RECALLED, phase.id, step.key.number, found=told)
    return (*before, Reminder(attempt=step.key.number, found=found))


def learned_by_failure(site: WorkSite, phase: PhaseSpec, key: AttemptKey, failed: AttemptFailed) -> tuple[Entry, ...]:
    if not site.settings.memory.enable_memory:
        return ()
    words = site.log.redactor.redact(failure_words(failed.message, failed.evidence))
    return of_failure(_origin(site, phase), key.number, failed.kind, words)


def learned_by_landing(site: WorkSite, phase: PhaseSpec, told: tuple[Feedback, ...], patch: Future[str]) -> tuple[Entry, ...]:
    """``told``: the lessons of the attempts before."""
    diff = bounded_diff(site.log.redactor.redact(patch.result()), _DIFF_CHARACTERS)
    return of_landing(_origin(site, phase), told, diff)


def _recalled(site: WorkSite, models: ModelAccess, phase: PhaseSpec, key: AttemptKey, known: tuple[Recalled, ...]) -> Recollection:
    """In a replay what the journal says; nothing that is a secret by now."""
    found = models.replay.recalled(phase.id, key.number) if models.replay else _looked_for(site, models, phase, key, known)
    return Recollection(found=tuple(one.model_copy(update={"text": site.log.redactor.redact(one.text)}) for one in found))


def _looked_for(
    site: WorkSite, models: ModelAccess, phase: PhaseSpec, key: AttemptKey, known: tuple[Recalled, ...]
) -> tuple[Recalled, ...]:
    """By words and by meaning; by words alone where no vector can be made."""
    redact, settings = site.log.redactor.redact, site.settings.memory
    question = Question(site.plan.project, site.state.run_id, redact(_task(phase)), _failure(site.state, phase, key), known)
    try:
        return recall(
            site.state.database, question, settings, site.log.clock.now(), vectors_of_attempt(site.state, site.log, models, phase, key)
        ).found
    except EmbeddingsUnavailableError as error:
        site.log.tell(EventName.EMBEDDINGS_UNAVAILABLE, phase.id, key.number, message=f"{error}; the memory is searched by words alone.")
        return recall(site.state.database, question, settings, site.log.clock.now()).found


def _failure(state: State, phase: PhaseSpec, key: AttemptKey) -> str:
    """That of the attempt before, where its words can be found again."""
    lessons = [lesson for lesson in state.phases.feedback(phase.id) if lesson.attempt == key.number - 1]
    return "".join(failure_words(lesson.message, lesson.evidence) for lesson in lessons if lesson.kind in OF_THE_CODE)


def _earlier(state: State, step: Steps, number: int) -> Reminder:
    key = AttemptKey(step.key.run, step.key.phase, number, step.key.parent)
    text = state.phases.step_results(key).get(StepName.RECALL)
    return Reminder(attempt=number, found=Recollection.model_validate_json(text).found if text else ())


def _origin(site: WorkSite, phase: PhaseSpec) -> Origin:
    redact = site.log.redactor.redact
    return Origin(site.plan.project, site.state.run_id, phase.id, redact(_task(phase)))


def _task(phase: PhaseSpec) -> str:
    """Its words, and the paths that it may change."""
    return f"{task_of(phase)}\n{' '.join(phase.scope.paths)}"
