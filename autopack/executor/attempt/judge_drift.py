"""Between accept and candidate: whether the change serves the plan's goal. Advisory, or the end of the attempt, as configured."""

from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.goal_drift import Drift, DriftJudged
from autopack.core.plan import PhaseSpec
from autopack.core.step_names import StepName
from autopack.edits import AcceptedEdits
from autopack.executor.attempt.embedding import vectors_of_attempt
from autopack.executor.attempt.steps import Recording, Steps
from autopack.executor.run_context import ModelAccess, State, WorkSite
from autopack.memory.embeddings import EmbeddingsUnavailableError
from autopack.memory.goal_drift import change_text, drift_of
from autopack.store.phase_changes import PhaseChange


class Told(PhaseChange):
    """What the log says of a change that is far from the goal."""

    alike: float
    threshold: float
    message: str


def judge_drift(site: WorkSite, models: ModelAccess, phase: PhaseSpec, step: Steps, change: str) -> None:
    """Raises AttemptFailed for a change that is far from goal and task, where that blocks and no person has looked at it before."""
    change = site.log.redactor.redact(change)
    judged = step.recorded(StepName.DRIFT, DriftJudged) or _recorded(step, _judged(site, models, phase, step, change))
    drift = judged.drift
    if drift is None or not drift.is_far or drift.mode == "advisory" or _is_looked_at(site.state, phase):
        return
    evidence = f"The plan's goal:\n{site.plan.goal.strip()}\n\nThe change:\n{change.strip()}"
    raise AttemptFailed(FailureKind.GOAL_DRIFT, sentence_of(drift), evidence)


def change_of(summary: str, accepted: AcceptedEdits) -> str:
    """In words, with the files before and after; a file with a new name under that name alone."""
    moved = {new: accepted.before[old] for new, old in accepted.renames.items() if old in accepted.before}
    left = accepted.renames.values()
    after = {path: text for path, text in accepted.after.items() if path not in left}
    return change_text(summary, {**accepted.before, **moved}, after)


def sentence_of(drift: Drift) -> str:
    return f"The change is {drift.alike:.2f} alike the plan's goal and this phase's task, where {drift.threshold:.2f} is asked for."


def _judged(site: WorkSite, models: ModelAccess, phase: PhaseSpec, step: Steps, change: str) -> DriftJudged | None:
    """None where it is not asked for, or nothing can compare texts."""
    if models.replay is not None:
        found = models.replay.drift(phase.id, step.key.number)
        return DriftJudged(drift=found) if found else None
    settings = site.settings.memory.goal_drift
    vectors = vectors_of_attempt(site.state, site.log, models, phase, step.key) if settings.enabled else None
    if vectors is None:
        return None
    try:
        asked = (site.log.redactor.redact(site.plan.goal), site.log.redactor.redact(phase.description))
        return DriftJudged(drift=drift_of(asked, change, vectors, settings))
    except EmbeddingsUnavailableError as error:
        message = f"{error}; goal drift is not judged."
        site.log.tell(EventName.EMBEDDINGS_UNAVAILABLE, phase.id, step.key.number, message=message)
        return DriftJudged()


def _recorded(step: Steps, judged: DriftJudged | None) -> DriftJudged:
    """With an event where the change is far; else only so that it is the same on resume."""
    if judged is None:
        return DriftJudged()
    drift = judged.drift
    if drift is None or not drift.is_far:
        return step.pin(StepName.DRIFT, DriftJudged, lambda: judged)
    told = Told(alike=drift.alike, threshold=drift.threshold, message=sentence_of(drift))
    return step(StepName.DRIFT, DriftJudged, lambda: judged, lambda _: Recording(change=told))


def _is_looked_at(state: State, phase: PhaseSpec) -> bool:
    """Whether a person said retry after an attempt that drifted."""
    counts_from = state.phases.get(phase.id).counts_from
    lessons = state.phases.feedback(phase.id)
    return any(lesson.kind is FailureKind.GOAL_DRIFT and lesson.attempt <= counts_from for lesson in lessons)
