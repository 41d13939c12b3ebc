"""Ends what would go on for ever, open streams, as soon as the server is told to end; it waits for its answers otherwise."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def closes_streams(closing: asyncio.Event) -> Iterator[None]:
    """Inside the block a signal sets ``closing``, and goes on to whoever heard it before."""
    loop = asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        yield
        closing.set()
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(closing.set)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in _SIGNALS:
        signal.signal(number, heard)
    try:
        yield
    finally:
        closing.set()
        for number, handler in before.items():
            signal.signal(number, handler)
