"""Collects what came before an attempt: the edits of the phase's failed attempts, and the phases that have landed."""

from collections.abc import Mapping
from typing import Final

from autopack.core.call import Role
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport
from autopack.core.context import Feedback, LandedPhase
from autopack.core.failure import FailureKind, Fault
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.states import PhaseState
from autopack.core.step_names import StepName, all_laps
from autopack.executor.run_context import State
from autopack.store.steps import steps_of

_WITHOUT_EDITS: Final = frozenset(
    {
        *(FailureKind.REPLY_CUT, FailureKind.REPLY_MALFORMED, FailureKind.REPLY_REFUSED, FailureKind.CONTEXT_EXCEEDED),
        *(FailureKind.SCOPE_GRANTED, FailureKind.NEEDLESS_SCOPE, FailureKind.BUILDER_BLOCKED, FailureKind.HINT),
        *(FailureKind.REPLANNED, FailureKind.ADVISED, FailureKind.FIXED),
    }
)
"""Failures of attempts that gave no edits to look back at."""


def lessons_of(state: State, redactor: Redactor, phase: str) -> tuple[Feedback, ...]:
    """The lessons of the phase's failed attempts, each with the edits that it gave."""
    lessons = state.phases.lessons(phase)
    if not lessons:
        return ()
    texts = state.calls.last_texts(state.run_id, phase, Role.BUILDER)
    return tuple(
        lesson.model_copy(update={"answer": _answer(redactor, lesson, texts), "fault": fault_of(state, phase, lesson)})
        for lesson in lessons
    )


def fault_of(state: State, phase: str, lesson: Feedback) -> Fault | None:
    """What the red check of that attempt failed of, as its report was recorded."""
    if lesson.kind is not FailureKind.CHECKS_RED:
        return None
    report = last_report(steps_of(state.database, state.run_id, phase, lesson.attempt))
    return report.fault if report else None


def last_report(results: Mapping[str, str]) -> CheckReport | None:
    """That of an attempt's last check, among its recorded results."""
    checks = all_laps(results, StepName.CHECK)
    return CheckReport.model_validate_json(checks[-1]) if checks else None


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
