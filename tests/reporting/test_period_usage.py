from datetime import UTC, datetime

import pytest

from autopack.reporting.period_usage import Period, Quotas, begin_of, period_usage
from tests.support.told_run import ToldRun, told_repo

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0


@pytest.fixture
def told(tmp_path):
    run = told_repo(tmp_path / "repo")
    yield run
    run.database.close()


def used(told, period, run_id=None, quotas=None):
    return period_usage(told.database, period, run_id, quotas or Quotas({}, {}), NOON)


@pytest.mark.parametrize(("period", "begin"), [(Period.DAY, "2026-03-10"), (Period.WEEK, "2026-03-04"), (Period.MONTH, "2026-02-09")])
def test_a_period_ends_with_this_utc_day(period, begin):
    assert datetime.fromtimestamp(begin_of(period, NOON), UTC).isoformat() == f"{begin}T00:00:00+00:00"


def test_calls_count_in_the_period_in_which_they_were_sent(told):
    told.start()
    for days in (0, 3, 20, 40):
        told.at = NOON - days * DAY
        told.ask(told.begin("add-model") if days == 0 else told.phases.open_attempt("add-model"), "builder", "{}")
    assert [used(told, period).models[0].calls for period in Period] == [1, 2, 3]
    week = used(told, Period.WEEK)
    (provider,) = week.providers
    assert (provider.provider, provider.prompt_tokens, provider.completion_tokens, provider.total_tokens) == (
        "anthropic",
        2 * 13_345,
        2 * 678,
        2 * 14_023,
    )
    assert (week.models[0].provider, week.models[0].model, week.models[0].usd) == ("anthropic", "sonnet-5-20260101", pytest.approx(0.0624))


def test_a_quota_stands_beside_a_week_only_and_counts_all_repositories(told):
    told.start()
    told.at = NOON
    told.ask(told.begin("add-model"), "builder", "{}", usd=None)
    quotas = Quotas({"anthropic": 100_000}, {"anthropic": 25_000})
    (week,) = used(told, Period.WEEK, quotas=quotas).providers
    assert (week.cap_tokens, week.percent_of_cap, week.usd, week.unpriced_calls) == (100_000, 25.0, None, 1)
    (day,) = used(told, Period.DAY, quotas=quotas).providers
    assert (day.cap_tokens, day.percent_of_cap) == (None, None)


def test_where_nothing_was_asked_there_are_no_rows_and_one_run_is_told_apart(told):
    told.start()
    assert (used(told, Period.MONTH).providers, used(told, Period.MONTH).models) == ((), ())
    told.at = NOON
    told.ask(told.begin("add-model"), "builder", "{}")
    ToldRun(told.repo, "shop-2", at=NOON).create().database.close()
    assert used(told, Period.DAY, "shop-2").providers == ()
    assert len(used(told, Period.DAY, "shop-1").providers) == 1
