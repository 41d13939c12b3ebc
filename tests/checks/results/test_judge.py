import pytest

from autopack.checks.results.judge import judge_expected_red, judge_step
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks

STRICT, PARENT = Checks(), Checks(baseline="parent")


def report(passed="", failed="", errors="", *, status=None, code=None, complete=True, ids=True):
    results = TestResults(passed=tuple(passed), failed=tuple(failed), errors=tuple(errors), is_complete=complete) if ids else None
    status = status or (StepStatus.RED if failed or errors else StepStatus.GREEN)
    code = code if code is not None else int(status is not StepStatus.GREEN)
    return StepReport(name="unit", command="x", status=status, exit_code=code, duration_s=1, output="out", detail="why.", results=results)


def test_green_is_green():
    verdict = judge_step(report("a"), None, STRICT)
    assert (verdict.failure, verdict.message, verdict.evidence) == (None, "", "")


def test_strict_is_red_whatever_the_parent_did():
    verdict = judge_step(report("a", "b"), report("a", "b"), STRICT)
    assert verdict.failure is FailureKind.CHECKS_RED
    assert verdict.comparison.red_before == ("b",)
    assert "red before" in verdict.message
    assert "Failing before your change too" in verdict.evidence


def test_parent_forgives_what_failed_there():
    verdict = judge_step(report("a", "b"), report("a", "b"), PARENT)
    assert (verdict.failure, verdict.forgiven) == (None, ("b",))


def test_parent_says_why_it_does_not_forgive():
    verdict = judge_step(report("", "ab"), report("a", "b"), PARENT)
    assert verdict.failure is FailureKind.CHECKS_RED
    assert "'a' did not fail on the parent" in verdict.message
    assert judge_step(report("a", "b"), report("a", "b"), PARENT, frozenset("b")).failure is FailureKind.CHECKS_RED


@pytest.mark.parametrize(
    ("status", "parent", "kind"),
    [
        (StepStatus.TIMEOUT, None, FailureKind.CHECK_TIMEOUT),
        (StepStatus.IDLE, None, FailureKind.CHECK_TIMEOUT),
        (StepStatus.NO_TESTS, None, FailureKind.NO_TESTS),
        (StepStatus.NOT_STARTED, None, FailureKind.ENVIRONMENT),
        (StepStatus.NOT_STARTED, report(status=StepStatus.NOT_STARTED, ids=False), FailureKind.ENVIRONMENT),
        (StepStatus.NOT_STARTED, report("a"), FailureKind.CHECKS_RED),
        (StepStatus.RED, None, FailureKind.CHECKS_RED),
    ],
)
@pytest.mark.parametrize("checks", [STRICT, PARENT])
def test_every_end_has_its_kind(status, parent, kind, checks):
    verdict = judge_step(report(status=status, ids=False), parent, checks)
    assert verdict.failure is kind
    assert "why." in verdict.message
    assert verdict.evidence


BEFORE = report("ab")


def test_new_tests_that_fail_are_what_was_asked_for():
    verdict = judge_expected_red(report("ab", "cd"), BEFORE)
    assert (verdict.failure, verdict.added_red) == (None, ("c", "d"))


def test_an_old_failure_may_stay():
    assert judge_expected_red(report("a", "bc"), report("a", "b")).added_red == ("c",)


@pytest.mark.parametrize(
    ("here", "before", "says"),
    [
        (report("abc", "d"), BEFORE, "'c' does not fail"),
        (report("a", "bc"), BEFORE, "'b' passed before"),
        (report("a", "c"), BEFORE, "'b' passed before"),
        (report("ab", "c", "d"), BEFORE, "'d' cannot be collected"),
        (report("ab", "c", complete=False), BEFORE, "did not finish"),
        (report("ab", "c", code=139), BEFORE, "did not finish"),
        (report("ab", "c"), None, "not known"),
        (report("ab", "c"), report("ab", complete=False), "not known"),
        (report("ab", status=StepStatus.RED), BEFORE, "red though no test fails"),
        (report("ab", "c"), report("ab", "z"), "'z' was there before"),
    ],
)
def test_what_is_not_the_red_that_was_asked_for(here, before, says):
    verdict = judge_expected_red(here, before)
    assert verdict.failure is FailureKind.NOT_RED
    assert says in verdict.message


def test_a_linter_has_to_be_green_in_a_red_phase_too():
    assert judge_expected_red(report(ids=False), None).failure is None
    assert judge_expected_red(report(ids=False, status=StepStatus.RED), None).failure is FailureKind.CHECKS_RED


def test_a_time_limit_is_no_red_test():
    assert judge_expected_red(report(status=StepStatus.TIMEOUT), BEFORE).failure is FailureKind.CHECK_TIMEOUT
