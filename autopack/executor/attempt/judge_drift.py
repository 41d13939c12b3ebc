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
from autopack.executor.run_context import RunContext
from autopack.memory.embeddings import EmbeddingsUnavailableError
from autopack.memory.goal_drift import change_text, drift_of
from autopack.store.phase_changes import PhaseChange


class Told(PhaseChange):
    """What the log says of a change that is far from the goal."""

    alike: float
    threshold: float
    message: str


def judge_drift(ctx: RunContext, phase: PhaseSpec, step: Steps, summary: str, accepted: AcceptedEdits) -> None:
    """Raises AttemptFailed for a change that is far from goal and task, where that blocks and no person has looked at it before."""
    change = ctx.redactor.redact(change_text(summary, *_texts(accepted)))
    judged = step.recorded(StepName.DRIFT, DriftJudged) or _recorded(step, _judged(ctx, phase, step, change))
    drift = judged.drift
    if drift is None or not drift.is_far or drift.mode == "advisory" or _is_looked_at(ctx, phase):
        return
    evidence = f"The plan's goal:\n{ctx.plan.goal.strip()}\n\nThe change:\n{change.strip()}"
    raise AttemptFailed(FailureKind.GOAL_DRIFT, sentence_of(drift), evidence)


def _texts(accepted: AcceptedEdits) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Before and after; a file with a new name under that name alone."""
    moved = {new: accepted.before[old] for new, old in accepted.renames.items() if old in accepted.before}
    left = accepted.renames.values()
    return {**accepted.before, **moved}, {path: text for path, text in accepted.after.items() if path not in left}


def sentence_of(drift: Drift) -> str:
    return f"The change is {drift.alike:.2f} alike the plan's goal and this phase's task, where {drift.threshold:.2f} is asked for."


def _judged(ctx: RunContext, phase: PhaseSpec, step: Steps, change: str) -> DriftJudged | None:
    """None where it is not asked for, or nothing can compare texts."""
    if ctx.replay is not None:
        found = ctx.replay.drift(phase.id, step.key.number)
        return DriftJudged(drift=found) if found else None
    settings = ctx.settings.memory.goal_drift
    vectors = vectors_of_attempt(ctx, phase, step.key) if settings.enabled else None
    if vectors is None:
        return None
    try:
        asked = (ctx.redactor.redact(ctx.plan.goal), ctx.redactor.redact(phase.description))
        return DriftJudged(drift=drift_of(asked, change, vectors, settings))
    except EmbeddingsUnavailableError as error:
        message = f"{error}; goal drift is not judged."
        ctx.tell(EventName.EMBEDDINGS_UNAVAILABLE, phase, step.key.number, message=message)
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


def _is_looked_at(ctx: RunContext, phase: PhaseSpec) -> bool:
    """Whether a person said retry after an attempt that drifted."""
    counts_from = ctx.state.phases.get(phase.id).counts_from
    lessons = ctx.state.phases.feedback(phase.id)
    return any(lesson.kind is FailureKind.GOAL_DRIFT and lesson.attempt <= counts_from for lesson in lessons)
