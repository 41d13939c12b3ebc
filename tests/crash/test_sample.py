"""A seeded sample of every series of the sweep, within a time of its own; `make crash` runs all of it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.crash.sweep import SERIES
from tests.support.crash_points import numbered
from tests.support.crash_shim import Kind

pytestmark = pytest.mark.crash

SIZE = {"group": 4, "main": 2, "self": 3, "torn": 2, "again": 2, "wire": 2, "eio": 5, "enospc": 3, "hard": 4}
LIMIT_S = 400.0
"""A sample that takes as long is none; on two cores that did much else the trials took 175 s."""


@pytest.fixture(scope="module", autouse=True)
def within_the_limit(at):
    began = time.monotonic()
    yield
    assert (took := time.monotonic() - began) < LIMIT_S, f"the sample took {took:.0f} s: make it smaller, or a trial cheaper"


def judged(at, series, points):
    with ThreadPoolExecutor(at.jobs) as pool:
        return list(pool.map(lambda point: at.judge(series, point), points))


@pytest.mark.parametrize("series", SERIES, ids=lambda series: series.name)
def test_a_run_that_was_hurt_ends_as_if_nothing_had_been(at, series):
    results = judged(at, series, at.points(series, SIZE[series.name]))
    assert [result for result in results if result.wrong] == []
    assert any(result.is_hurt for result in results), "nothing was injured"


def test_a_database_whose_making_was_torn_is_found_again_by_every_later_command(at):
    torn = next(series for series in SERIES if series.name == "torn")
    assert [result for result in judged(at, torn, (3, 4, 5)) if result.wrong] == []


def test_a_work_tree_that_git_could_not_unlock_is_unlocked(at):
    eio = next(series for series in SERIES if series.name == "eio")
    calls = numbered(at.calls, eio.injury.kinds)
    points = [number for number, made in calls if made.kind is Kind.UNLINK and made.path.endswith("/locked")]
    assert [(result.code, result.wrong) for result in judged(at, eio, points)] == [(0, ())]


def test_what_the_disk_refuses_once_of_a_runs_records_and_of_its_removal_is_done_all_the_same(at):
    eio = next(series for series in SERIES if series.name == "eio")
    calls = numbered(at.calls, eio.injury.kinds)
    last = {part: number for number, made in calls for part in ("/report.", "/errors/", ".autopack-removing/") if part in made.path}
    assert len(last) == 3
    assert [result for result in judged(at, eio, last.values()) if result.wrong] == []


def test_a_disk_that_takes_nothing_from_the_first_call_on_is_the_machines_trouble(at):
    enospc = next(series for series in SERIES if series.name == "enospc")
    assert [(result.code, result.wrong) for result in judged(at, enospc, (1, 2, 3))] == [(7, ())] * 3


def test_every_series_has_a_sample_of_its_own():
    assert SIZE.keys() == {series.name for series in SERIES}
