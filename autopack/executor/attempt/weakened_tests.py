"""Finds tests that a candidate weakens: runs old tests on new code, tells what they say, judges by the plan's ``changed_tests``."""

import json

from autopack.checks.commands.check_log import drop_log
from autopack.core.approval import Approval
from autopack.core.checking import CheckStatus
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.scope import Scope
from autopack.core.step_names import StepName, all_laps
from autopack.core.test_runs import ChangedTest, NewTests, OldTests
from autopack.executor.attempt.added_tests import added_tests
from autopack.executor.attempt.run_tests_over import CheckedCandidate, Weighed, run_new_tests, run_old_tests
from autopack.executor.attempt.scope_grants import granted_paths
from autopack.executor.attempt.steps import Lap, Recording, Steps
from autopack.executor.attempt.test_edit import weighed_edit
from autopack.executor.run_context import State, WorkSite
from autopack.store.attempts import attempts_of
from autopack.store.phase_changes import PhaseChange
from autopack.store.steps import steps_of

_TOLD = 50
_NAMED = 3
_PERSONS = "a person made this commit"


class OldTestsRan(PhaseChange):
    """What the log says of the old tests on the new code."""

    files: tuple[str, ...]
    found: tuple[str, ...]
    blocks: bool
    gone: int
    seconds: float


class NewTestsRan(PhaseChange):
    """What the log says of the new tests on the old code."""

    fail_without: int
    pass_without: int
    seconds: float


def find_weakened_tests(site: WorkSite, phase: PhaseSpec, step: Steps, lap: Lap, checked: CheckedCandidate) -> None:
    """Runs the tests again where an edit touches them. Raises AttemptFailed where the builder has to restore a test."""
    if checked.report.status is CheckStatus.SKIPPED:
        return
    weighed = Weighed.of(site, phase, step, lap, checked)
    old = step.recorded(lap.name(StepName.OLD_TESTS), OldTests) or _run_old(weighed, step, lap)
    if old is None:
        return
    if old.not_allowed and not _is_settled(site.state, phase, step, old):
        raise AttemptFailed(FailureKind.TESTS_WEAKENED, _message(phase, old), _evidence(old))
    if old.touched and phase.ci.expect == "green":
        step(lap.name(StepName.NEW_TESTS), NewTests, lambda: run_new_tests(weighed, old.touched), _new_recorded)
    drop_log(site.state.records / "ci" / f"{weighed.name}.log", is_wanted=phase.ci.log_on_success or bool(old.changed))


def known_old_tests(step: Steps, lap: Lap) -> OldTests:
    return step.recorded(lap.name(StepName.OLD_TESTS), OldTests) or OldTests()


def known_new_tests(step: Steps, lap: Lap) -> NewTests | None:
    return step.recorded(lap.name(StepName.NEW_TESTS), NewTests)


def _run_old(weighed: Weighed, step: Steps, lap: Lap) -> OldTests | None:
    """None where the edit touches no test and every old one ran."""
    site, phase, candidate = weighed.site, weighed.phase, weighed.candidate
    edit = weighed_edit(site.tree, candidate, weighed.report.steps)
    if not edit.touched and not edit.settings and not weighed.report.missing:
        return None
    files = _may_change(site.state, site.plan, phase, (*edit.touched, *(path for path, _ in edit.settings)))
    if edit.touched:
        what = "running the old tests on the new code, and the new ones on the old code"
        site.log.tell(EventName.WEIGHING_TESTS, phase.id, step.key.number, message=what)

    def run() -> OldTests:
        old = run_old_tests(weighed, edit, files)
        return old.allowing_all(_PERSONS) if _is_a_persons(site.state, phase) else old

    return step(lap.name(StepName.OLD_TESTS), OldTests, run, _old_recorded)


def _may_change(state: State, plan: Plan, phase: PhaseSpec, paths: tuple[str, ...]) -> dict[str, str]:
    """The test files that may be changed, and why."""
    named, added = _named_by_people(state, plan, phase), added_tests(plan, state).files
    by_phase = {path: "an earlier phase of this run added it" for path in paths if path in added}
    return {**by_phase, **{path: "the scope names this very file" for path in paths if named.names_exactly(path)}}


def _named_by_people(state: State, plan: Plan, phase: PhaseSpec) -> Scope:
    """The scope without the paths that the builder asked for: only the plan or a person may allow a changed test."""
    row = state.phases.get(phase.id)
    asked = set(granted_paths(row)) - {*plan.phase(phase.id).scope.paths, *phase.scope.may_add, *json.loads(row.added_scope)}
    return Scope(tuple(path for path in phase.scope.paths if path not in asked))


def _is_a_persons(state: State, phase: PhaseSpec) -> bool:
    last = state.phases.last_attempt(phase.id)
    return last is not None and last.is_adopted


def _is_settled(state: State, phase: PhaseSpec, step: Steps, old: OldTests) -> bool:
    """Whether ``ci.changed_tests`` decides now: the builder was told of each changed test and insists, or has no attempt left."""
    if step.recorded(StepName.APPROVAL, Approval) is not None:
        return True
    if phase.ci.changed_tests == "refuse":
        return False
    counts_from = state.phases.get(phase.id).counts_from
    number = step.key.number
    earlier = [row.number for row in attempts_of(state.database, state.run_id, phase.id) if row.number < number]
    is_last = sum(counts_from < one for one in earlier) + 1 >= phase.max_attempts
    return is_last or {(test.test, test.how) for test in old.not_allowed} <= _told_of(state, phase, earlier)


def _told_of(state: State, phase: PhaseSpec, attempts: list[int]) -> set[tuple[str, str]]:
    results = (steps_of(state.database, state.run_id, phase.id, number) for number in attempts)
    ran = (OldTests.model_validate_json(text) for one in results for text in all_laps(one, StepName.OLD_TESTS))
    return {(test.test, test.how) for old in ran for test in old.not_allowed}


def _message(phase: PhaseSpec, old: OldTests) -> str:
    names = [test.sentence for test in old.not_allowed]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    way = (
        "say that you are blocked, and why"
        if phase.ci.changed_tests == "refuse"
        else "make that change again, and say in the summary which and why"
    )
    return (
        f"Tests that stood before this change no longer hold: {'; '.join(names[:_NAMED])}{more}. Keep the code right for the old tests; "
        f"where the task itself demands that one of them changes, {way}."
    )


def _evidence(old: OldTests) -> str:
    listed = "\n".join(f"  {test.sentence}" for test in old.not_allowed[:_TOLD])
    more = f"\n  ... and {len(old.not_allowed) - _TOLD} more" if len(old.not_allowed) > _TOLD else ""
    said = f"\n\nThe tests as they were, run on your code:\n{old.before}" if old.before else ""
    return f"Changed:\n{listed}{more}{said}"


def _sentences(tests: tuple[ChangedTest, ...]) -> tuple[str, ...]:
    return tuple(f"{test.sentence}{f' (allowed: {test.allowed})' if test.allowed else ''}" for test in tests[:_TOLD])


def _old_recorded(old: OldTests) -> Recording:
    told = OldTestsRan(
        files=old.touched[:_TOLD], found=_sentences(old.changed), blocks=bool(old.not_allowed), gone=len(old.gone), seconds=old.seconds
    )
    return Recording(change=told)


def _new_recorded(new: NewTests) -> Recording:
    told = NewTestsRan(fail_without=len(new.fail_without), pass_without=len(new.pass_without), seconds=new.seconds)
    return Recording(change=told)
