"""What a person should look at in the morning: one sentence each, what waits first. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from autopack.core.call import Role
from autopack.core.states import PhaseState
from autopack.core.status import RunStatus
from autopack.reporting.report.model import LookAt, PhaseReport

UNSURE: Final = 0.7
MANY_ATTEMPTS: Final = 3
_NAMED: Final = 3


def look_at(run: RunStatus, phases: Sequence[PhaseReport], unpriced: int) -> tuple[LookAt, ...]:
    found = [one for phase in phases for one in _of_phase(run.run_id, phase)]
    alone = [phase.phase.id for phase in phases if _is_judged_by_its_builder(phase)]
    if alone:
        message = f"One model built and audited {_some(alone)}."
        found.append(LookAt(phase=None, concern="risk", message=message, commands=("autopack models",)))
    if unpriced:
        many = f"{unpriced} call{'s' if unpriced != 1 else ''}"
        found.append(
            LookAt(phase=None, concern="cost", message=f"The price of {many} is not known.", commands=(f"autopack usage {run.run_id}",))
        )
    order = ["held", "failed", "risk", "override", "tests", "criteria", "flaky", "attempts", "cost"]
    return tuple(sorted(found, key=lambda one: order.index(one.concern)))


def _of_phase(run_id: str, report: PhaseReport) -> Iterator[LookAt]:
    phase, show = report.phase, f"autopack show {run_id} {report.phase.id}"
    if phase.state == PhaseState.HELD:
        message = (phase.held_because.message if phase.held_because else "") or "It waits for a person."
        yield LookAt(phase=phase.id, concern="held", message=message, commands=report.story.next or (show,))
    elif phase.state in (PhaseState.FAILED, PhaseState.SKIPPED, PhaseState.ROLLED_BACK):
        yield LookAt(phase=phase.id, concern="failed", message=why_not(report), commands=report.story.next or (show,))
    yield from (LookAt(phase=phase.id, concern=concern, message=message, commands=(show,)) for concern, message in _of_landed(report))


def why_not(report: PhaseReport) -> str:
    """Why a phase is not complete, in a sentence."""
    phase = report.phase
    if report.story.why:
        return report.story.why
    if phase.skipped_because:
        return f"It was skipped because of {phase.skipped_because}."
    if phase.failure:
        return f"{phase.failure.kind.replace('_', ' ')}: {phase.failure.message}"
    return f"It is {phase.state.replace('_', ' ')}."


def _of_landed(report: PhaseReport) -> Iterator[tuple[str, str]]:
    """What is doubtful of a phase whose checks are green: landed, or held for review."""
    judged, phase = report.judged, report.phase
    if judged is None or phase.state in (PhaseState.FAILED, PhaseState.SKIPPED):
        return
    if phase.state == PhaseState.COMPLETE and phase.quality_level not in (None, "ok"):
        yield "risk", f"It landed, and its quality is: {str(phase.quality_level).replace('_', ' ')}."
    if judged.verdict and judged.verdict.confidence < UNSURE:
        yield "risk", f"The auditor was not sure: confidence {judged.verdict.confidence:.2f}."
    if judged.approval and judged.approval.override:
        yield "override", f"A person landed it against the {judged.approval.override}: {judged.approval.note or 'without a note'}."
    yield from _of_tests(report)
    weak = [one.criterion for one in report.criteria if one.is_weak or one.answer != "met"]
    if weak:
        yield "criteria", f"{len(weak)} of {len(report.criteria)} criteria without evidence: {_some(weak)}"
    if judged.checks and judged.checks.flaky:
        yield "flaky", f"Red, then green without a change: {_some(judged.checks.flaky)}"
    if phase.attempts >= MANY_ATTEMPTS:
        yield "attempts", f"It took {phase.attempts} attempts."


def _of_tests(report: PhaseReport) -> Iterator[tuple[str, str]]:
    old = report.judged.old_tests if report.judged else None
    if old and old.changed:
        yield "tests", f"Old tests that the change alters: {_some([test.test for test in old.changed])}"
    if old and old.gone:
        yield "tests", f"Tests that are gone: {_some(old.gone)}"


def _is_judged_by_its_builder(report: PhaseReport) -> bool:
    calls = [call for call in (report.judged.calls if report.judged else ()) if call.role in (Role.BUILDER, Role.AUDITOR)]
    return {call.role for call in calls} == {Role.BUILDER, Role.AUDITOR} and len({call.requested_model for call in calls}) == 1


def _some(names: Iterable[str]) -> str:
    every = list(names)
    more = f", and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return f"{', '.join(every[:_NAMED])}{more}"
