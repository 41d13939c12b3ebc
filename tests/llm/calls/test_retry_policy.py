import pytest

from autopack.core.models_settings import WireRetries
from autopack.llm.calls.retry_policy import GiveWay, Retry, backoff, next_step
from autopack.llm.wire import FailureDetails, WireFailure, WireKind

RETRIES = WireRetries(times=3, first_wait_s=2, max_wait_s=60)


def failure(kind=WireKind.SERVER_ERROR, **details) -> WireFailure:
    return WireFailure(kind, "said", is_definite=True, details=FailureDetails(**details))


@pytest.mark.parametrize(("tried", "step"), [(1, Retry(2)), (2, Retry(4)), (3, Retry(8)), (4, GiveWay())])
def test_waits_double_until_the_tries_are_spent(tried, step):
    assert next_step(failure(), tried, 0.0, RETRIES) == step


@pytest.mark.parametrize("kind", [WireKind.KEY_REFUSED, WireKind.QUOTA, WireKind.NOT_FOUND, WireKind.BAD_REQUEST, WireKind.MISCONFIGURED])
def test_what_does_not_pass_is_not_asked_again(kind):
    assert next_step(failure(kind), 1, 0.0, RETRIES) == GiveWay()


def test_a_server_that_says_not_to_retry_is_believed():
    assert next_step(failure(told_not_to_retry=True), 1, 0.0, RETRIES) == GiveWay()


def test_the_wait_asked_for_is_kept():
    assert next_step(failure(retry_after_s=33.0), 1, 0.5, RETRIES) == Retry(33.5)


def test_a_wait_of_nothing_is_no_reason_to_hammer():
    assert next_step(failure(retry_after_s=0.0), 1, 0.0, RETRIES) == Retry(2)


def test_a_long_wait_gives_way():
    assert next_step(failure(WireKind.RATE_LIMITED, retry_after_s=61.0), 1, 0.0, RETRIES) == GiveWay()


def test_jitter_only_shortens_and_never_by_more_than_a_quarter():
    assert backoff(3, 1.0, RETRIES) == 6
    assert backoff(99, 0.0, RETRIES) == 60
