"""The circuit of a provider or a model: closed while it answers, open while it is down, half open for one probe. Pure.

It follows from the journal's calls alone, so that each start of a run knows what an earlier one found out.
"""

from dataclasses import dataclass, replace
from typing import Final

from autopack.core.models_settings import WireRetries
from autopack.llm.wire import WireFailure, WireKind

OF_MODEL: Final = frozenset({WireKind.RATE_LIMITED, WireKind.MALFORMED})
"""Failures that speak of one model; every other one that may pass speaks of its provider."""

FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 900.0


@dataclass(frozen=True)
class Circuit:
    """``failures`` in a row, the last of them ``failure`` at ``model``; ``until``: nobody asks before, None as long as it is closed.

    ``is_dated``: the provider named that time. ``probes``: how many failed since it opened.
    """

    model: str
    failure: WireFailure
    failures: int = 1
    until: float | None = None
    is_dated: bool = False
    probes: int = 0

    @property
    def is_closed(self) -> bool:
        return self.until is None

    def is_open(self, now: float) -> bool:
        return self.until is not None and now < self.until


@dataclass(frozen=True)
class Failing:
    """A call that failed at that time and may pass; ``retry_at``: when the provider wants to be asked again."""

    model: str
    failure: WireFailure
    at: float
    retry_at: float | None = None


def after(before: Circuit | None, failing: Failing, retries: WireRetries) -> Circuit:
    """The circuit after one more failure: open once the tries are spent, at a date that is far off, and after a probe that failed."""
    failures = before.failures + 1 if before else 1
    was_open = before is not None and not before.is_closed
    probes = before.probes + 1 if before and was_open else 0
    until, is_dated = None, False
    if failing.retry_at is not None and failing.retry_at - failing.at > retries.max_wait_s:
        until, is_dated = failing.retry_at, True
    elif was_open or failures > retries.times:
        until = failing.at + pause(probes)
    return Circuit(failing.model, failing.failure, failures, until, is_dated, probes)


def half_open(circuit: Circuit, now: float) -> Circuit:
    """Open to one probe at once."""
    return replace(circuit, until=now) if circuit.is_open(now) else circuit


def pause(probes: int) -> float:
    """How long a circuit stays open before the next probe."""
    return min(FIRST_PAUSE_S * 2.0 ** min(probes, 10), LONGEST_PAUSE_S)
