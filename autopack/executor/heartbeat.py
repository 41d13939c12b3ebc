"""Gives a sign of life each minute, for ``status`` and for readers of the event stream."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from autopack.core.errors import EnvironmentBlockedError

HEARTBEAT_S: Final = 60


@contextmanager
def heartbeat(beat: Callable[[], None], seconds: float) -> Iterator[None]:
    """Calls ``beat`` every so many seconds from a thread of its own while the block runs."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(seconds):
            with suppress(EnvironmentBlockedError):  # the working thread tells of a full disk
                beat()

    thread = threading.Thread(target=run, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
