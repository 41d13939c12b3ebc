"""Who may change a test: the plan's word decides, and a builder that was told of each and insists is not told again."""

import pytest

from autopack.core.approval import Approval
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.step_names import StepName
from autopack.core.test_runs import ChangedTest, OldTests
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.run_tests_over import CheckedCandidate
from autopack.executor.attempt.steps import Recording
from autopack.executor.attempt.weakened_tests import find_weakened_tests, known_new_tests, known_old_tests
from autopack.store.attempts import Failed
from tests.support.command import FILES, phase_of
from tests.support.run_context import FIRST, opened

SHELL = {"command": "sh test_app.sh", "tests": "none", "timeout_s": 30}
TESTED = {**FILES, "test_app.sh": "grep -q one app.txt\n"}
OLD = OldTests(changed=tuple(ChangedTest(test=f"test_{name}", how="fails") for name in "abcde"), before="what it said")


def weigh(run, step, candidate, status=CheckStatus.GREEN):
    report = CheckReport(status=status)
    find_weakened_tests(run.site, run.phase(), step, FIRST, CheckedCandidate(candidate, report))


def recorded(run, old=OLD):
    """A candidate whose old tests have run already and said that."""
    step, candidate = run.candidate({"app.txt": "two\n"})
    step(StepName.OLD_TESTS, OldTests, lambda: old, lambda _: Recording())
    return step, candidate


def failure(run, step, candidate):
    with pytest.raises(AttemptFailed) as failed:
        weigh(run, step, candidate)
    return failed.value


def again(run, step):
    run.ctx.state.phases.fail_attempt(step.key, Failed(FailureKind.TESTS_WEAKENED, "no"))
    run.ctx.state.phases.move("one", PhaseEvent.RETRY)
    return recorded(run)


def test_an_edit_that_touches_no_test_is_not_run_again(run):
    step, candidate = run.candidate({"app.txt": "two\n"})
    weigh(run, step, candidate)
    assert (known_old_tests(step, FIRST), known_new_tests(step, FIRST)) == (OldTests(), None)


def test_where_nothing_was_checked_there_is_nothing_to_weaken(run):
    weigh(run, *recorded(run), status=CheckStatus.SKIPPED)


def test_a_builder_is_told_of_the_first_changed_tests_by_name_and_of_all_as_evidence(run):
    failed = failure(run, *recorded(run))
    assert failed.kind is FailureKind.TESTS_WEAKENED
    assert "test_a: fails; test_b: fails; test_c: fails and 2 more" in failed.message
    assert "make that change again" in failed.message
    assert "test_e: fails" in failed.evidence
    assert "what it said" in failed.evidence


def test_a_builder_that_was_told_of_each_and_insists_goes_on_to_the_gate(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=5)) as run:
        step, candidate = recorded(run)
        failure(run, step, candidate)
        weigh(run, *again(run, step))


def test_where_the_plan_refuses_changed_tests_no_insisting_helps(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=5, ci={"command": "true", "changed_tests": "refuse"})) as run:
        step, candidate = recorded(run)
        failure(run, step, candidate)
        assert "say that you are blocked" in failure(run, *again(run, step)).message


def test_the_last_attempt_goes_on_to_the_gate(tmp_path):
    with opened(tmp_path, phase_of("one", max_attempts=1)) as run:
        weigh(run, *recorded(run))


def test_a_persons_approval_settles_it(run):
    step, candidate = recorded(run)
    step(StepName.APPROVAL, Approval, Approval, lambda _: Recording())
    weigh(run, step, candidate)


def test_a_test_that_is_allowed_to_change_stops_nobody(run):
    weigh(run, *recorded(run, OLD.allowing_all("the scope names this very file")))
