import pytest

from autopack.core.folding import KEPT_ROUNDS, Rates, RoundSize, rounds_to_fold

CACHED = Rates(kept=0.1, sent=1.25)
UNCACHED = Rates(kept=1, sent=1)
LONG, SHORT = RoundSize(all=10_100, foldable=10_000), RoundSize(all=300, foldable=0)


@pytest.mark.parametrize(
    ("sizes", "left", "rates", "folded"),
    [
        ([LONG] * 4, 8, UNCACHED, 0),
        ([LONG] * 6, 6, UNCACHED, 2),
        ([LONG] * 6, 6, CACHED, 0),
        ([LONG] * 6, 6, Rates(kept=0, sent=1), 0),
        ([LONG, LONG, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT], 8, CACHED, 2),
        ([LONG, LONG, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT], 1, CACHED, 0),
        ([SHORT, LONG, LONG, SHORT, SHORT, SHORT, SHORT, SHORT], 8, CACHED, 3),
        ([], 8, UNCACHED, 0),
    ],
)
def test_old_rounds_are_folded_where_reading_them_on_costs_more_than_sending_the_rest_again(sizes, left, rates, folded):
    assert rounds_to_fold(sizes, 0, left, rates) == folded


def test_what_is_folded_stays_folded():
    assert rounds_to_fold([LONG] * 6, 1, 6, CACHED) == 1
    assert rounds_to_fold([LONG] * 7, 2, 6, UNCACHED) == 7 - KEPT_ROUNDS


def test_nothing_is_folded_where_the_next_question_is_the_last():
    assert rounds_to_fold([LONG] * 9, 0, 0, UNCACHED) == 0


def test_the_dearer_it_is_to_keep_the_earlier_it_pays_to_fold():
    sizes = [LONG, LONG, *[RoundSize(all=3_000, foldable=2_900)] * 6]
    assert [rounds_to_fold(sizes, 0, 8, Rates(kept=kept, sent=1)) > 0 for kept in (0.05, 0.1, 0.3, 0.5, 1)] == [
        False,
        True,
        True,
        True,
        True,
    ]
