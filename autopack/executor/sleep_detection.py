"""Finds how long the machine slept; that time counts against no cap on hours."""

import threading
from collections.abc import Callable
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import Event, EventName
from autopack.executor.heartbeat import HEARTBEAT_S
from autopack.store.events import EventLog

_MISSED: Final = 3
"""A busy machine may miss so many heartbeats before it counts as asleep."""


class SleepDetector:
    """Looks at the clock with every heartbeat. Where several heartbeats are missing, the machine was asleep."""

    def __init__(self, events: EventLog, run_id: str, now: Callable[[], float]) -> None:
        self._events = events
        self._run = run_id
        self._now = now
        self._last = now()
        self._lock = threading.Lock()

    def look(self) -> float:
        """Tells as an event how long the machine slept since the last look. The heartbeat calls it, and whoever is about to count hours.

        Returns the time of this look: hours counted up to a later time may include sleep.
        """
        with self._lock:
            now = self._now()
            before, self._last = self._last, now
            if now - before > _MISSED * HEARTBEAT_S:
                try:
                    self._tell(now - before - HEARTBEAT_S, now)
                except EnvironmentBlockedError:
                    self._last = before
                    raise
        return now

    def _tell(self, seconds: float, now: float) -> None:
        message = f"the machine was asleep for about {seconds / 3600:.1f} hours, which count against no cap"
        self._events.tell(Event(run_id=self._run, event=EventName.MACHINE_SLEPT, time=now, data={"seconds": seconds, "message": message}))
