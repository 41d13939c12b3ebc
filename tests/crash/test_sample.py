"""A seeded sample of every series of the sweep; `make crash` runs all of it."""

import pytest

from tests.crash.sweep import SERIES

pytestmark = pytest.mark.crash

SIZE = {"group": 4, "main": 2, "self": 3, "torn": 2, "again": 2, "wire": 2, "eio": 5, "enospc": 3}


@pytest.mark.parametrize("series", SERIES, ids=lambda series: series.name)
def test_a_run_that_was_hurt_ends_as_if_nothing_had_been(at, series):
    results = [at.judge(series, point) for point in at.points(series, SIZE[series.name])]
    assert [result for result in results if result.wrong] == []
    assert any(result.is_hurt for result in results), "nothing was injured"


@pytest.mark.parametrize("point", [3, 4, 5])
def test_a_database_whose_making_was_torn_is_found_again_by_every_later_command(at, point):
    torn = next(series for series in SERIES if series.name == "torn")
    assert at.judge(torn, point).wrong == ()


def test_every_series_has_a_sample_of_its_own():
    assert SIZE.keys() == {series.name for series in SERIES}
