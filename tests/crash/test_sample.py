"""A seeded sample of every series of the sweep; `make crash` runs all of it."""

import pytest

from tests.crash.sweep import SERIES

pytestmark = pytest.mark.crash

SIZE = {"group": 5, "main": 3, "self": 3, "torn": 3, "again": 3, "wire": 2, "eio": 4, "enospc": 4}


@pytest.mark.parametrize("series", SERIES, ids=lambda series: series.name)
def test_a_run_that_was_hurt_ends_as_if_nothing_had_been(at, series):
    results = [at.judge(series, point) for point in at.points(series, SIZE[series.name])]
    assert [result for result in results if result.wrong] == []
    assert any(result.is_hurt for result in results), "nothing was injured"


def test_every_series_has_a_sample_of_its_own():
    assert SIZE.keys() == {series.name for series in SERIES}
