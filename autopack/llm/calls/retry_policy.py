"""After a call that failed on the wire: ask again, after how long; ask the next model; or give up. Pure."""

from dataclasses import dataclass
from typing import Final

from autopack.core.settings import WireRetries
from autopack.llm.wire import WireFailure

_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 900.0


@dataclass(frozen=True)
class Retry:
    """``is_long``: the provider named a time beyond the usual waits; it does not count as one of the tries."""

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
    """``tried``: calls already made on this route; ``patience_s``: what is left of the patience that was given; ``jitter`` lies in 0..1."""

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
    """Doubles each time, less up to a quarter, so that many runs do not return at once."""
    full = min(retries.first_wait_s * 2.0 ** min(max(tried - 1, 0), 30), retries.max_wait_s)
    return full * (1 - jitter / 4)


def outage_pause(rounds: int, patience_s: float) -> float:
    """How long an outage of every provider is waited out before all are asked again; 0 where patience is at its end."""
    return min(_FIRST_PAUSE_S * 2.0 ** min(rounds, 10), _LONGEST_PAUSE_S, max(patience_s, 0.0))
