import pytest

from autopack.core.error_report import ErrorReport
from autopack.core.events import Event
from autopack.reporting.error_list import ErrorList, ErrorStory, _resolved, error_summary, page_of

AT = 1_764_472_509.0  # 2025-11-30T03:15:09Z


def report(**keys):
    given = {"time": "2025-11-30T03:15:09Z", "component": "executor", "error_type": "BudgetSpentError", "kind": "tokens", "message": "m"}
    return ErrorReport.model_validate({**given, "versions": {}, **keys})


def events(*told):
    return [Event(run_id="r", event=name, time=AT + after) for name, after in told]


STOPPED = (("run_running", -9), ("run_stopped", 0.4))


@pytest.mark.parametrize(
    ("keys", "told", "resolved"),
    [
        ({}, STOPPED, None),
        ({}, (*STOPPED, ("run_running", 60)), "the run went on at 2025-11-30 03:16:09 UTC"),
        ({"phase": "one", "attempt": 1}, (*STOPPED, ("run_running", 60)), "the run went on at 2025-11-30 03:16:09 UTC"),
        ({"phase": "one", "attempt": 1, "kind": "environment", "error_type": "Environment"}, (*STOPPED, ("run_running", 60)), None),
        ({"component": "checks", "kind": "checks_red"}, (*STOPPED, ("run_running", 60)), None),
        ({"component": "checks", "kind": "checks_red"}, (*STOPPED, ("run_running", 60), ("run_complete", 90)), "03:16:39"),
    ],
)
def test_what_ended_a_start_is_over_when_the_run_went_on_and_red_final_checks_when_it_is_complete(keys, told, resolved):
    found = _resolved(report(**keys), (), events(*told))
    assert found == resolved or (resolved and resolved in (found or ""))


def test_a_summary_counts_most_first_and_says_so_in_words():
    errors = [
        ErrorStory(**dict(report(run_id="r", number=number, kind=kind, message=message)))
        for number, (kind, message) in enumerate(
            [
                ("tokens", "a cap"),
                ("checks_red", "check 'a' is red: 1 of 2 tests fails."),
                ("checks_red", "check 'b' is red: 3 of 9 tests fails."),
            ],
            1,
        )
    ]
    found = error_summary(ErrorList(run_id="r", error_count=3, errors=tuple(errors)))
    assert list(found.by_kind.items()) == [("checks_red", 2), ("tokens", 1)]
    assert [group.count for group in found.groups] == [2, 1]
    assert found.unresolved_count == 3
    assert found.summary.startswith("3 errors in run r, 3 of them unresolved;")
    assert error_summary(ErrorList(run_id=None, error_count=0, errors=())).summary == "No error in all runs."


def test_pages_of_a_run_hold_each_error_once():
    found = ErrorList(run_id="r", error_count=5, errors=tuple(ErrorStory(**dict(report(run_id="r", number=n))) for n in range(1, 6)))
    seen, after = [], None
    while True:
        page = page_of(found, after, 2)
        seen.append([one.number for one in page.errors])
        assert page.error_count == 5
        after = page.next
        if after is None:
            break
    assert seen == [[1, 2], [3, 4], [5]]
    assert (page_of(found, 5, 2).errors, page_of(found, 99, 2).errors) == ((), ())
