"""Collects what came before an attempt: the edits of the phase's failed attempts, and the phases that have landed."""

from collections.abc import Mapping
from typing import Final

from autopack.core.call import Role
from autopack.core.candidate import Candidate
from autopack.core.context import Feedback, LandedPhase
from autopack.core.failure import FailureKind
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.states import PhaseState
from autopack.core.step_names import StepName
from autopack.executor.run_context import RunContext, State
from autopack.store.calls import CallJournal

_WITHOUT_EDITS: Final = frozenset(
    {
        *(FailureKind.REPLY_CUT, FailureKind.REPLY_MALFORMED, FailureKind.REPLY_REFUSED, FailureKind.CONTEXT_EXCEEDED),
        *(FailureKind.SCOPE_GRANTED, FailureKind.NEEDLESS_SCOPE, FailureKind.BUILDER_BLOCKED, FailureKind.HINT),
        *(FailureKind.REPLANNED, FailureKind.ADVISED, FailureKind.FIXED),
    }
)
"""Failures of attempts that gave no edits to look back at."""


def lessons_of(ctx: RunContext, phase: str) -> tuple[Feedback, ...]:
    """The lessons of the phase's failed attempts, each with the edits that it gave."""
    lessons = ctx.state.phases.lessons(phase)
    if not lessons:
        return ()
    texts = CallJournal(ctx.state.database, ctx.clock.now).last_texts(ctx.run_id, phase, Role.BUILDER)
    return tuple(lesson.model_copy(update={"answer": _answer(ctx.redactor, lesson, texts)}) for lesson in lessons)


def _answer(redactor: Redactor, lesson: Feedback, texts: Mapping[int, str]) -> str:
    return "" if lesson.kind in _WITHOUT_EDITS else redactor.redact(texts.get(lesson.attempt, ""))


def landed_phases(plan: Plan, state: State, phase: str) -> tuple[LandedPhase, ...]:
    """The complete phases that the plan puts before this one, in its order, each with the files of its last candidate."""
    before = plan.phases[: [spec.id for spec in plan.phases].index(phase)]
    if not before:
        return ()
    complete = {row.phase_id for row in state.phases.all() if row.state == PhaseState.COMPLETE}
    recorded = state.phases.last_results(StepName.CANDIDATE)
    return tuple(
        LandedPhase(id=spec.id, asked=spec.description.strip().partition("\n")[0], paths=_paths(recorded.get(spec.id)))
        for spec in before
        if spec.id in complete
    )


def _paths(recorded: str | None) -> tuple[str, ...]:
    return Candidate.model_validate_json(recorded).paths if recorded else ()
