"""What the sweep says of itself: the rows, and that a sweep which left something out has failed."""

from tests.support.crash_shim import Injury
from tests.support.crash_table import Tried, shortcomings, table
from tests.support.crash_trial import Result

KILLED = Result(Injury(at=3), -9, 1, "3 WRITE /x")
UNHURT = Result(Injury(at=4), 0, 0, "4 WRITE /x")
WRONG = Result(Injury(at=5), -9, 2, "5 WRITE /x", ("a stored reply is gone",))


def test_a_sweep_that_tried_everything_and_broke_nothing_has_nothing_to_say():
    assert shortcomings([Tried("group", 1_400, 2, (KILLED, UNHURT))]) == []


def test_a_sweep_whose_time_was_up_has_failed():
    assert shortcomings([Tried("group", 1_400, 3, (KILLED,))]) == ["group: 2 of 3 calls were not tried; the time was up."]


def test_a_broken_promise_and_a_series_that_hurt_nobody_are_failures():
    said = shortcomings([Tried("main", 9, 2, (KILLED, WRONG)), Tried("eio", 9, 1, (UNHURT,)), Tried("torn", 9, 0)])
    assert said == [
        "main: 1 of 2 trials broke a promise.",
        "eio: nothing was hurt, so nothing was shown.",
        "torn: nothing was hurt, so nothing was shown.",
    ]


def test_the_table_is_markdown_with_a_sum():
    text = table([Tried("group", 1_400, 3, (KILLED, UNHURT)), Tried("main", 1_399, 1, (WRONG,))], {"commit": "abc", "seed": "1"})
    assert text.splitlines()[0] == "Commit abc, seed 1."
    assert text.splitlines()[4:] == [
        "| `group` | 1,400 | 3 | 2 | 1 | 1 | 0 |",
        "| `main` | 1,399 | 1 | 1 | 1 | 2 | 1 |",
        "| all |  | 4 | 3 | 2 | 3 | 1 |",
    ]
