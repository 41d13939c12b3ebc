"""What a blocked builder is answered: paths that the plan allows, a reminder of what it has, or a person's question."""

import pytest

from autopack.core.errors import AttemptFailed, ScopeGranted
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks, PhaseScope, PhaseSpec
from autopack.core.scope import Scope
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.edits import Blocked
from autopack.executor.attempt.scope_grants import GRANTS_MAX, answer, granted_paths, opens, widened
from autopack.executor.attempt.steps import Reached, Recording

PHASE = PhaseSpec(
    id="one",
    description="d",
    scope=PhaseScope(paths=("app.py",), read_only_context=("docs/",), may_add=("lib/", "tests/**/*.py")),
    ci=Checks(skip=True, reason="r"),
)


def asks(*paths, kind="needs_scope"):
    return Blocked(kind, "I need more.", paths)


def test_paths_that_the_plan_may_add_are_granted_each_once():
    granted = answer(PHASE, asks("lib/a.py", "tests/x/test_a.py", "lib/a.py"), 0)
    assert isinstance(granted, ScopeGranted)
    assert granted.paths == ("lib/a.py", "tests/x/test_a.py")


def test_of_what_is_asked_only_what_the_phase_lacks_is_granted():
    granted = answer(PHASE, asks("app.py", "lib/a.py"), GRANTS_MAX - 1)
    assert isinstance(granted, ScopeGranted)
    assert granted.paths == ("lib/a.py",)


def failure(blocked, grants=0):
    failed = answer(PHASE, blocked, grants)
    assert isinstance(failed, AttemptFailed)
    return failed


@pytest.mark.parametrize("paths", [("app.py",), ("app.py", "app.py")])
def test_who_asks_for_what_it_has_is_told_so(paths):
    failed = failure(asks(*paths))
    assert failed.kind is FailureKind.NEEDLESS_SCOPE
    assert failed.message == "In the scope already: app.py. The builder said: I need more."


def test_who_asks_to_see_once_too_often_is_no_question_for_a_person():
    failed = failure(asks("a.py:1-3", kind="needs_context"))
    assert failed.kind is FailureKind.NEEDLESS_SCOPE
    assert "asked to see a.py:1-3 instead of answering" in failed.message


def test_one_path_too_many_makes_all_of_them_a_persons_question_with_those_that_can_be_added():
    failed = failure(asks("lib/a.py", "other.py", "../secret", ".git/config"))
    assert failed.kind is FailureKind.BUILDER_BLOCKED
    assert failed.evidence == "lib/a.py\nother.py"


def test_the_grant_after_the_last_one_is_a_persons():
    failed = failure(asks("lib/a.py"), GRANTS_MAX)
    assert failed.kind is FailureKind.BUILDER_BLOCKED
    assert f"granted {GRANTS_MAX} times already" in failed.message
    assert failed.evidence == "lib/a.py"


@pytest.mark.parametrize("blocked", [asks(), asks("x", kind="needs_dependency"), asks(kind="contradiction"), asks(kind="question")])
def test_what_no_path_can_answer_is_a_persons(blocked):
    failed = failure(blocked)
    assert failed.kind is FailureKind.BUILDER_BLOCKED
    assert failed.evidence == ""
    assert f"({blocked.kind})" in failed.message


def test_what_may_only_be_read_is_not_open():
    scope = Scope(PHASE.scope.paths, PHASE.scope.read_only_context)
    assert opens(scope, "app.py")
    assert not opens(scope, "docs/a.md")


def test_a_grant_counts_for_the_phase_and_its_next_attempt_is_no_failed_one(run):
    step = run.begin()
    step(StepName.REPLY, Reached, lambda: Reached(ordinal=1), lambda _: Recording(PhaseEvent.REPLIED))
    run.ctx.state.phases.grant(step.key, ("lib/a.py",), "granted")
    row = run.ctx.state.phases.get("one")
    assert (row.state, granted_paths(row), run.ctx.state.phases.grants("one")) == ("queued", ("lib/a.py",), 1)
    assert widened(run.phase(), row).scope.paths == ("app.txt", "lib/a.py")
    assert run.ctx.state.phases.feedback("one") == ()


def test_a_phase_to_which_nothing_was_added_stays_as_the_plan_has_it(run):
    assert widened(run.phase(), run.ctx.state.phases.get("one")) is run.phase()
