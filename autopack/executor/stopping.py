"""Stops a run after the step, or now: Ctrl-C once or twice, SIGTERM, a closed terminal, ``autopack stop``, the end of its time."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType
from typing import Final

from autopack.core.errors import BudgetSpentError, StopRequested
from autopack.executor.watcher import Watcher

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Deadline:
    """When a start is to end. ``now`` gives UTC epoch seconds, as ``at`` is."""

    at: float
    now: Callable[[], float]

    @property
    def is_over(self) -> bool:
        return self.now() >= self.at

    @property
    def clock_time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


class StopFlag:
    """Steps ask this flag in between. The first signal sets it; the second raises StopRequested at once.

    Before ``arm`` and after ``disarm`` nothing is raised: a start is recorded whole or not at all, and so is its end. A signal of before
    is raised by ``arm``; one of after is ignored, since a closed terminal sends more than one.
    """

    def __init__(self, asked_elsewhere: Callable[[], bool], watcher: Watcher, deadline: Deadline | None = None) -> None:
        self._asked_elsewhere = asked_elsewhere
        self._is_unread = watcher.is_unread
        self._say = watcher.say
        self._signal: int | None = None
        self._is_armed = self._is_ending = False
        self._deadline = deadline

    def arm(self) -> None:
        """From now on signals raise StopRequested; one that has come already raises it now."""
        self._is_armed = True
        if self._signal is not None:
            self.check()

    def disarm(self) -> None:
        self._is_ending = True

    def check(self) -> None:
        """Called between steps, and while a run waits.

        Raises:
            StopRequested: a signal came, another process asked, or nobody reads the run's events.
            BudgetSpentError: the time is up.
        """
        if self._signal is None and self._is_unread():
            self._signal = signal.SIGPIPE
        if self._signal is not None or self._asked_elsewhere():
            self._is_ending = True
            raise StopRequested(self._signal or 0)
        if self._deadline is not None and self._deadline.is_over:
            raise BudgetSpentError("until", f"It is {self._deadline.clock_time}, when this start was to end (--until).")

    def judge_wait(self, until: float) -> None:
        """Raises BudgetSpentError where a wait would last longer than this start."""
        if self._deadline is not None and until > self._deadline.at:
            end = self._deadline.clock_time
            raise BudgetSpentError("until", f"Nobody can be asked again before {end}, when this start was to end (--until).")

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._is_ending:
            return
        if self._signal is not None or number != signal.SIGINT:
            self._signal, self._is_ending = number, self._is_armed
            if not self._is_armed:
                return
            raise StopRequested(number)
        self._signal = number
        self._say("stopping after this step; press Ctrl-C again to stop now")


@contextmanager
def signals_handled(flag: StopFlag) -> Iterator[None]:
    """Sends signals to the flag inside the block, and restores the handlers after it. A signal that ``nohup`` ignores stays ignored."""
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, flag.on_signal) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
