"""Several runs of one tree: what passed in one of them is not red."""

from autopack.checks.results.compare import came_and_went, settled
from autopack.core.checking import StepReport, StepStatus, TestResults


def report(passed=(), failed=(), errors=(), **keys):
    results = TestResults(passed=passed, failed=failed, errors=errors, **keys)
    status = StepStatus.RED if failed or errors else StepStatus.GREEN
    return StepReport(name="s", command="c", status=status, exit_code=1 if failed else 0, duration_s=0, output="", results=results)


def test_two_that_fail_in_turn_are_green_together():
    runs = [report(("a",), ("b",)), report(("b",), ("a",))]
    assert came_and_went(runs) == {"a", "b"}
    found = settled(runs)
    assert (found.status, found.results.failed, found.results.passed) == (StepStatus.GREEN, (), ("a", "b"))
    assert found.detail == "passed in another run on the same tree: a"


def test_one_that_comes_and_goes_is_not_among_the_red_ones():
    found = settled([report(("a",), ("b",)), report((), ("a", "b"))])
    assert (found.status, found.results.failed) == (StepStatus.RED, ("b",))


def test_one_that_is_red_each_time_is_red():
    runs = [report((), ("a",)), report((), ("a",))]
    assert settled(runs) == runs[-1]
    assert settled(runs[:1]) == runs[0]


def test_a_run_that_broke_off_is_not_made_green():
    broken = report(("b",), ("a",), is_complete=False)
    assert settled([report(("a",), ("b",)), broken]) == broken
