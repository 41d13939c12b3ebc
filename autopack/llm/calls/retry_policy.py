"""Decides what follows a failure on the wire: ask again after a wait, ask the next model, or give up. Pure."""

from dataclasses import dataclass
from typing import Final

from autopack.core.settings import WireRetries
from autopack.llm.wire import WireFailure

_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 900.0


@dataclass(frozen=True)
class Retry:
    """``is_long``: the provider named a time beyond the usual waits, so that this is not counted as a try."""

    wait_s: float
    is_long: bool = False


@dataclass(frozen=True)
class NextRoute:
    pass


@dataclass(frozen=True)
class GiveUp:
    pass


@dataclass(frozen=True)
class Situation:
    """``tried``: calls made on this route so far. ``patience_s``: what is left of ``max_wait_s``. ``jitter`` lies in 0..1."""

    tried: int
    has_next_route: bool
    patience_s: float
    jitter: float


def next_step(failure: WireFailure, situation: Situation, retries: WireRetries) -> Retry | NextRoute | GiveUp:
    give_way = NextRoute() if situation.has_next_route else GiveUp()
    if not failure.is_transient or failure.details.told_not_to_retry:
        return give_way
    asked = failure.details.retry_after_s
    if asked is not None and asked > retries.max_wait_s:
        waits = not situation.has_next_route and asked <= situation.patience_s
        return Retry(asked, is_long=True) if waits else give_way
    if situation.tried > retries.times:
        return give_way
    return Retry(asked + situation.jitter if asked else backoff(situation.tried, situation.jitter, retries))


def backoff(tried: int, jitter: float, retries: WireRetries) -> float:
    """The wait doubles each time; jitter takes up to a quarter off, so that many runs do not return at once."""
    full = min(retries.first_wait_s * 2.0 ** min(max(tried - 1, 0), 30), retries.max_wait_s)
    return full * (1 - jitter / 4)


def outage_pause(rounds: int, patience_s: float) -> float:
    """How long to wait when every provider is down, before all are asked again; 0 where patience is at its end."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(rounds, 10), _LONGEST_PAUSE_S, max(patience_s, 0.0))
