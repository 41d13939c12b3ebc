"""Waits for a reply that another thread reads, with limits that hold whatever the connection does.

The reading thread may hang in a name lookup or on a socket that only keeps alive; the waiting one does not.
"""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import Final

from autopack.core.models_settings import Timeouts
from autopack.llm.providers.exchange import Exchange
from autopack.llm.wire import Arrived, WireFailure, WireKind

_TICK_S: Final = 0.1
_LINGER_S: Final = 1.0


class PendingReply:
    """One exchange under way."""

    def __init__(self, exchange: Exchange, timeouts: Timeouts, monotonic: Callable[[], float]) -> None:
        self._exchange = exchange
        self._timeouts = timeouts
        self._monotonic = monotonic
        self._reading: Future[Arrived | WireFailure] = Future()

    @property
    def arrived(self) -> Arrived | None:
        """The reply, if it is here already, even where the wait was interrupted."""
        is_here = self._reading.done() and self._reading.exception() is None
        outcome = self._reading.result() if is_here else None
        return None if isinstance(outcome, WireFailure) else outcome

    def wait(self, watch: Callable[[int], None]) -> Arrived | WireFailure:
        """The reply, or why no complete one came in time.

        ``watch`` is told now and then how many characters came, and may raise to give the call up.
        """
        started = self._monotonic()  # before anything is sent: a machine may fall asleep as soon as it is
        threading.Thread(target=_read, args=(self._exchange, self._reading), name="autopack-reply", daemon=True).start()
        try:
            late = self._late(watch, started)
        finally:
            self._cut_off()
        return late or self._reading.result()

    def _late(self, watch: Callable[[int], None], started: float) -> WireFailure | None:
        """Watches until the reading ends; returns the failure where it overran a limit."""
        limits, moved = self._timeouts, started
        tick, seen = min(_TICK_S, limits.first_byte_s / 4, limits.idle_s / 4, limits.call_s / 4), 0
        while wait_for([self._reading], tick).not_done:
            now, progress = self._monotonic(), self._exchange.progress
            received = progress.bytes_received
            if received != seen:
                seen, moved = received, now
            elif now - moved > _LINGER_S and progress.is_complete:
                self._cut_off()  # the whole message is here, and the server just does not hang up
            if overrun := self._overrun(now - started, now - moved, has_begun=seen > 0):
                return WireFailure(WireKind.TIMEOUT, overrun, is_definite=False)
            watch(progress.characters)
        return None

    def _overrun(self, since_start_s: float, since_move_s: float, *, has_begun: bool) -> str | None:
        limits = self._timeouts
        if since_start_s > limits.call_s:
            return f"the reply was not complete after {limits.call_s:g} s (timeouts.call_s)"
        if not has_begun and since_start_s > limits.first_byte_s:
            return f"no answer began within {limits.first_byte_s:g} s (timeouts.first_byte_s)"
        if has_begun and since_move_s > limits.idle_s:
            return f"nothing came for {limits.idle_s:g} s (timeouts.idle_s)"
        return None

    def _cut_off(self) -> None:
        if not self._reading.done():
            self._exchange.cut_off()


def _read(exchange: Exchange, reading: "Future[Arrived | WireFailure]") -> None:
    """A pool's thread is not used: it would keep the process from ending as long as it hangs."""
    try:
        reading.set_result(exchange.run())
    except WireFailure as failure:
        reading.set_result(failure)
    finally:
        if not reading.done():  # a defect: the waiting thread raises it, too
            reading.set_exception(sys.exception())
