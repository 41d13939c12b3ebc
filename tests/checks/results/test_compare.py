import pytest

from autopack.checks.results.compare import compare, has_reported, is_newly_red, why_red
from autopack.core.checking import StepReport, StepStatus, TestResults

RED = StepStatus.RED


def report(passed="", failed="", errors="", skipped="", *, status=None, code=1, complete=True, ids=True):
    results = TestResults(passed=tuple(passed), failed=tuple(failed), errors=tuple(errors), skipped=tuple(skipped), is_complete=complete)
    status = status or (RED if failed or errors or code else StepStatus.GREEN)
    code = 0 if status is StepStatus.GREEN else code
    return StepReport(name="unit", command="x", status=status, exit_code=code, duration_s=1, output="", results=results if ids else None)


def test_ids_are_new_old_or_missing():
    found = compare(report("a", "bc"), report("abx", "c"))
    assert (found.newly_failed, found.red_before, found.missing) == (("b",), ("c",), ("x",))


def test_without_a_parent_every_failure_is_new():
    assert compare(report("a", "b"), None).newly_failed == ("b",)


def test_a_skipped_test_that_passed_before_is_missing():
    assert compare(report("a", skipped="b", code=0), report("ab", code=0)).missing == ("b",)


@pytest.mark.parametrize(
    ("here", "there", "newly"),
    [
        (report("a", "b"), None, True),
        (report("a", "b"), report("ab", code=0), True),
        (report("a", "b"), report("a", "b"), False),
        (report("", "ab"), report("a", "b"), True),
        (report("a", code=0), report("a", code=0), False),
        (report(ids=False), report(ids=False), False),
        (report(ids=False), report(ids=False, code=0), True),
        (report(complete=False), report("a", "b"), True),
        (report(status=StepStatus.TIMEOUT, ids=False), report("a", "b"), True),
    ],
)
def test_what_is_newly_red(here, there, newly):
    assert is_newly_red(here, there) is newly


PARENT = report("ab", "cd")


def test_the_same_failures_are_forgiven_and_fewer_too():
    assert why_red(report("ab", "cd"), PARENT, frozenset()) is None
    assert why_red(report("abc", "d"), PARENT, frozenset()) is None
    assert why_red(report("abz", "cd"), PARENT, frozenset()) is None


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        (report("a", "bcd"), "'b' did not fail on the parent"),
        (report("a", "cd"), "'b' passed on the parent and did not run"),
        (report("a", "cd", skipped="b"), "'b' passed on the parent"),
        (report("ab", "cd", errors="e"), "'e' could not be collected"),
        (report("ab", "cd", complete=False), "did not finish"),
        (report("ab", "cd", code=139), "did not finish"),
        (report("ab", "cd", status=StepStatus.TIMEOUT), "did not finish"),
        (report("abcd", code=1), "no failing test accounts"),
        (report(ids=False), "did not finish"),
        (report("ab", "cdz"), "'z' did not fail"),
    ],
)
def test_what_is_never_forgiven(here, reason):
    assert reason in why_red(here, PARENT, frozenset())


def test_ids_that_were_added_to_be_made_green_are_never_forgiven():
    assert "earlier phase" in why_red(report("ab", "cd"), PARENT, frozenset("c"))


def test_an_unknown_or_broken_parent_forgives_nothing():
    assert why_red(report("ab", "c"), None, frozenset()) is not None
    assert why_red(report("ab", "c"), report("ab", "c", complete=False), frozenset()) is not None
    assert why_red(report("ab", "c"), report("abc", code=0), frozenset()) is not None


def test_tests_of_one_name_are_never_forgiven():
    here = report(("t (2)", "a"), ("t",))
    assert "several tests" in why_red(here, here, frozenset())
    second = report(("t", "a"), ("t (2)",))
    assert "several tests" in why_red(second, second, frozenset())


def test_pytests_other_exit_codes_are_no_report():
    results = {"passed": ("a.py::b",), "failed": ("a.py::c",)}
    ended = {code: report(results["passed"], results["failed"], code=code) for code in (1, 2, 3, 4)}
    assert [has_reported(ended[code]) for code in (1, 2, 3, 4)] == [True, False, False, False]
