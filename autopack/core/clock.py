"""Time as an argument: what the rooms that need it are handed."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Clock:
    """``now`` gives UTC epoch seconds, ``monotonic`` seconds for durations, ``sleep`` waits."""

    now: Callable[[], float]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
