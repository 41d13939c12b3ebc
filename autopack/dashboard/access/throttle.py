"""Counts wrong tokens: who brings too many of them in a minute is told to wait. Right ones are taken meanwhile too."""

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

MOST: Final = 10
WITHIN_S: Final = 60.0
_ADDRESSES: Final = 1000


@dataclass
class Throttle:
    """By address; the oldest one is forgotten where there are too many."""

    _wrong: dict[str, deque[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def wrong(self, address: str, now: float) -> float:
        """Counts one more; gives how many seconds to wait, 0 as long as there are not too many."""
        with self._lock:
            times = self._wrong.pop(address, None) or deque(maxlen=MOST)
            self._wrong[address] = times
            if len(self._wrong) > _ADDRESSES:
                del self._wrong[next(iter(self._wrong))]
            while times and times[0] <= now - WITHIN_S:
                times.popleft()
            if len(times) < MOST:
                times.append(now)
                return 0.0
            return times[0] + WITHIN_S - now
