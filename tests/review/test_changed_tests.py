import pytest

from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.review.changed_tests import Files, May, Sort, Three, added_tests, changed_tests, gone_tests, judged, needs_second, new_tests

A, B, C = "tests/a.py::a", "tests/b.py::b", "tests/a.py::c[1]"


def step(passed=(), failed=(), skipped=(), errors=(), *, code=None, ids=True):
    results = TestResults(passed=passed, failed=failed, skipped=skipped, errors=errors) if ids else None
    ended = code if code is not None else int(bool(failed or errors))
    status = StepStatus.RED if ended else StepStatus.GREEN
    return StepReport(name="unit", command="pytest", status=status, exit_code=ended, duration_s=1, output="", results=results)


def files(*touched):
    known = {"tests/a.py", "tests/b.py"}
    return Files(frozenset(touched), lambda test: test.partition("::")[0] if test.partition("::")[0] in known else None)


def found(before, after, old, *touched):
    return [(one.test, one.sort) for one in changed_tests([Three(before, after, old)], files(*touched or ("tests/a.py",)))]


@pytest.mark.parametrize(
    ("before", "after", "old", "told"),
    [
        (step((A,)), step((A,)), step((A,)), []),
        (step((A,)), step((B,)), step((A,)), []),
        (step((A,)), step((A,)), step((), (A,)), [(A, Sort.RED)]),
        (step((A,)), step((A,)), step((), (), (A,)), [(A, Sort.SKIPPED)]),
        (step((A,)), step((A,)), step((B,)), [(A, Sort.ABSENT)]),
        (step((A,)), step((), (), (A,)), step((A,)), [(A, Sort.NEW_SKIP)]),
        (step((B,)), step((A,)), step((B,)), [(B, Sort.NEW_ABSENT)]),
        (step((), (A,)), step((A,)), step((), (A,)), [(A, Sort.RED)]),
        (step((), (A,)), step((), (A,)), step((), (A,)), []),
        (step((), (A,)), step((A,)), step((A,)), []),
        (step((C,)), step((C,)), step(("tests/a.py::c[2]",)), []),
        (step(ids=False), step(ids=False), step(ids=False), []),
        (step(ids=False), step(ids=False), step(ids=False, code=1), [("unit", Sort.STEP)]),
        (step(ids=False, code=1), step(ids=False), step(ids=False, code=1), []),
    ],
)
def test_what_passed_before_passes_with_the_old_tests_or_is_changed(before, after, old, told):
    assert found(before, after, old) == told


def test_what_is_gone_and_what_is_new():
    three = [Three(step((A, B)), step((A, C)), step((A, B)))]
    assert gone_tests(three, ()) == (B,)
    assert added_tests(three) == (C,)


def may(second=None, **changes):
    return May({"tests/a.py": "the scope names it"}, second=(second,) if second else None, **changes)


def test_a_test_of_a_named_file_may_change_and_one_of_another_file_only_for_its_sake():
    changed = changed_tests([Three(step((A, B)), step((A, B)), step((), (A, B)))], files("tests/a.py", "tests/b.py"))
    assert needs_second(changed, may())
    with_cause = judged(changed, may(step((A,), (B,))))
    assert [(one.test, one.allowed) for one in with_cause] == [(A, "the scope names it"), (B, None)]
    for_its_sake = judged(changed, may(step((A, B))))
    assert for_its_sake[1].allowed == "it is as before but for tests/a.py"


def test_a_test_that_only_did_not_run_for_anothers_sake_is_none_that_changed():
    changed = changed_tests([Three(step((A, B)), step((A, B)), step((), (A,)))], files("tests/a.py"))
    assert [one.test for one in judged(changed, may(step((A, B))))] == [A]


def test_a_test_that_an_earlier_phase_added_may_follow():
    changed = changed_tests([Three(step((B,)), step((B,)), step((), (B,)))], files("tests/b.py"))
    assert judged(changed, May({}, frozenset({B})))[0].allowed == "an earlier phase of this run added it"
    assert judged(changed, May({}))[0].allowed is None


def test_new_tests_are_told_from_those_that_need_no_change():
    new = new_tests([(step((A,)), step((A, B, C)), step((A, C), errors=("tests/b.py",)))], 1.5)
    assert (new.fail_without, new.pass_without, new.seconds) == ((B,), (C,), 1.5)
    assert new_tests([(step(ids=False), step(ids=False), step(ids=False, code=2))], 0).fail_without == ("unit",)
    assert new_tests([(step(ids=False), step(ids=False), step(ids=False))], 0).pass_without == ("unit",)
