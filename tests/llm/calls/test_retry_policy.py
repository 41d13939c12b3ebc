import pytest

from autopack.core.settings import WireRetries
from autopack.llm.calls.retry_policy import GiveUp, NextRoute, Retry, Situation, backoff, next_step, outage_pause
from autopack.llm.wire import FailureDetails, WireFailure, WireKind

RETRIES = WireRetries(times=3, first_wait_s=2, max_wait_s=60)


def failure(kind=WireKind.SERVER_ERROR, **details) -> WireFailure:
    return WireFailure(kind, "said", is_definite=True, details=FailureDetails(**details))


def situation(tried=1, *, has_next=False, patience=0.0, jitter=0.0) -> Situation:
    return Situation(tried, has_next, patience, jitter)


@pytest.mark.parametrize(("tried", "step"), [(1, Retry(2)), (2, Retry(4)), (3, Retry(8)), (4, GiveUp())])
def test_waits_double_until_the_tries_are_spent(tried, step):
    assert next_step(failure(), situation(tried), RETRIES) == step


def test_spent_tries_lead_to_the_next_model_where_there_is_one():
    assert next_step(failure(), situation(4, has_next=True), RETRIES) == NextRoute()


@pytest.mark.parametrize("kind", [WireKind.KEY_REFUSED, WireKind.QUOTA, WireKind.NOT_FOUND, WireKind.BAD_REQUEST, WireKind.MISCONFIGURED])
def test_what_does_not_pass_is_not_asked_again(kind):
    assert next_step(failure(kind), situation(patience=1e6), RETRIES) == GiveUp()
    assert next_step(failure(kind), situation(has_next=True), RETRIES) == NextRoute()


def test_a_server_that_says_not_to_retry_is_believed():
    assert next_step(failure(told_not_to_retry=True), situation(), RETRIES) == GiveUp()


def test_the_wait_asked_for_is_kept():
    assert next_step(failure(retry_after_s=33.0), situation(jitter=0.5), RETRIES) == Retry(33.5)


def test_a_wait_of_nothing_is_no_reason_to_hammer():
    assert next_step(failure(retry_after_s=0.0), situation(), RETRIES) == Retry(2)


@pytest.mark.parametrize(
    ("has_next", "patience", "step"),
    [(True, 9_000, NextRoute()), (False, 9_000, Retry(7_200, is_long=True)), (False, 7_000, GiveUp()), (True, 0, NextRoute())],
)
def test_a_long_wait_goes_to_the_next_model_or_is_waited_out_within_patience(has_next, patience, step):
    assert (
        next_step(failure(WireKind.RATE_LIMITED, retry_after_s=7_200.0), situation(has_next=has_next, patience=patience), RETRIES) == step
    )


def test_jitter_only_shortens_and_never_by_more_than_a_quarter():
    assert backoff(3, 1.0, RETRIES) == 6
    assert backoff(99, 0.0, RETRIES) == 60


def test_pauses_of_an_outage_grow_and_end_with_patience():
    assert [outage_pause(rounds, 1e6) for rounds in range(6)] == [60, 120, 240, 480, 900, 900]
    assert outage_pause(3, 100) == 100
    assert outage_pause(0, -5) == 0
