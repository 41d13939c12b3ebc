import pytest

from autopack.checks.results.compare import compare, is_doubtful, ran_twice, why_red
from autopack.checks.results.same_tests import seen_from, without_changing
from autopack.core.checking import StepReport, StepStatus, TestResults


def results(*passed, failed=(), skipped=(), unstable=None):
    return TestResults(passed=passed, failed=failed, skipped=skipped, unstable=unstable)


def report(found):
    status = StepStatus.RED if found.failed else StepStatus.GREEN
    return StepReport(name="unit", command="x", status=status, exit_code=int(bool(found.failed)), duration_s=1, output="", results=found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("adds in 12ms", "adds in 9 ms"),
        ("adds (0.3 s)", "adds (12.75 s)"),
        ("t.py::t[3f2b8c1e-0c4d-4b7a-9f6e-1a2b3c4d5e6f]", "t.py::t[0A1B2C3D-0c4d-4b7a-9f6e-FFFFFFFFFFFF]"),
        ("t.py::t[2026-01-31]", "t.py::t[2026-12-01]"),
        ("on 2026-01-31T10:11:12.123Z", "on 2026-02-01T00:00:00Z"),
        ("on Sat Jan 31 2026 10:11:12 GMT+0000 (Coordinated Universal Time)", "on Sun Feb 01 2026 00:01:02 GMT+0100 (CET)"),
        ("at 1769854272", "at 1769854273"),
        ("at 1769854272123", "at 1769854299999"),
        ("reads /tmp/pytest-of-me/pytest-7/a0/f.txt", "reads /tmp/pytest-of-me/pytest-11/a0/f.txt"),
        ("reads /var/folders/x1/9/T/tmpab12cd34", "reads /var/folders/q7/3/T/tmpzz99yy88"),
        ("t.py::t[tmpk2j3h4g5]", "t.py::t[tmp_a8xq0_1]"),
        ("<Shop object at 0x7f3a12bc>", "<Shop object at 0x55e0ff10aa>"),
        ("sha 9f86d081884c7d659a2feaa0c55ad015", "sha 60303ae22b998861bce3b28f33eec1be"),
        ("GET localhost:43121/a", "GET localhost:5000/a"),
    ],
)
def test_what_changes_from_run_to_run_makes_no_other_test(one, other):
    assert without_changing(one) == without_changing(other)
    found = compare(report(results("a", failed=(other,))), report(results("a", failed=(one,))))
    assert (found.newly_failed, found.red_before, found.missing) == ((), (other,), ())
    assert why_red(report(results("a", failed=(other,))), report(results("a", failed=(one,))), frozenset()) is None
    assert compare(report(results(other)), report(results(one))).missing == ()


@pytest.mark.parametrize(("one", "other"), [("t.py::t[1]", "t.py::t[2]"), ("adds two", "adds three"), ("v1.2.3", "v1.2.4"), ("a:b", "a:c")])
def test_other_tests_are_other_tests(one, other):
    found = compare(report(results(other)), report(results(one)))
    assert found.missing == (one,)


def test_ids_that_differ_by_a_date_and_stand_on_both_sides_are_themselves():
    before = results("t[2026-01-31]", failed=("t[2026-02-01]",))
    assert seen_from(results("t[2026-02-01]", failed=("t[2026-01-31]",)), before) == before
    assert compare(report(results("t[2026-02-01]")), report(before)).missing == ("t[2026-01-31]",)


def test_each_id_stands_for_one_and_the_failed_ones_for_failed_ones():
    before = results("t in 1ms", "t in 2ms", failed=("t in 9ms",))
    here = results("t in 8ms", failed=("t in 5ms", "t in 6ms"))
    found = compare(report(here), report(before))
    assert len(found.newly_failed) == len(found.red_before) == 1
    assert found.missing == ()
    assert compare(report(results("t in 8ms")), report(results("t in 1ms", "t in 2ms"))).missing == ("t in 2ms",)


def test_a_second_run_of_the_parent_tells_ids_of_chance_from_tests_that_are_gone():
    parent, again = report(results("t.py::t[4711]", "t.py::u[1]")), report(results("t.py::t[815]", "t.py::u[1]"))
    here = report(results("t.py::t[33]", "t.py::u[2]"))
    assert is_doubtful(here, parent)
    known = ran_twice(parent, again)
    assert not is_doubtful(here, known)
    assert compare(here, known).missing == ("t.py::u[1]",), "what both runs had is gone"
    gone = report(results("t.py::u[1]"))
    assert compare(gone, known).missing == ("t.py::t[4711]",), "all of its parameters are gone"


def test_a_test_of_chance_that_fails_on_both_is_an_old_failure():
    known = ran_twice(report(results("a", failed=("t[1]",))), report(results("a", failed=("t[2]",))))
    here = report(results("a", failed=("t[3]",)))
    assert compare(here, known).newly_failed == ()
    assert why_red(here, known, frozenset()) is None
    worse = report(results("a", failed=("t[3]", "t[4]")))
    assert len(compare(worse, known).newly_failed) == 1


def test_nothing_is_asked_twice_where_tests_were_renamed_or_deleted():
    parent = report(results("t.py::a", "t.py::b[1]", "t.py::b[2]"))
    assert not is_doubtful(report(results("t.py::a")), parent)
    assert not is_doubtful(report(results("t.py::other", "t.py::b[1]", "t.py::b[2]")), parent)
    assert not is_doubtful(report(results("t.py::a", "t.py::b[1]", "t.py::b[2]", "t.py::b[3]")), parent)
