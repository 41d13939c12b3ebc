"""Decides what follows a failure on the wire: ask again after a wait, or give way. Pure."""

from dataclasses import dataclass

from autopack.core.models_settings import WireRetries
from autopack.llm.wire import WireFailure


@dataclass(frozen=True)
class Retry:
    wait_s: float


@dataclass(frozen=True)
class GiveWay:
    """To the next model, or to a long wait."""


def next_step(failure: WireFailure, tried: int, jitter: float, retries: WireRetries) -> Retry | GiveWay:
    """``tried``: calls that failed in a row so far, this one among them. ``jitter`` lies in 0..1."""
    if not failure.is_transient or failure.details.told_not_to_retry:
        return GiveWay()
    asked = failure.details.retry_after_s
    if tried > retries.times or (asked is not None and asked > retries.max_wait_s):
        return GiveWay()
    return Retry(asked + jitter if asked else backoff(tried, jitter, retries))


def backoff(tried: int, jitter: float, retries: WireRetries) -> float:
    """The wait doubles each time; jitter takes up to a quarter off, so that many runs do not return at once."""
    full = min(retries.first_wait_s * 2.0 ** min(max(tried - 1, 0), 30), retries.max_wait_s)
    return full * (1 - jitter / 4)
