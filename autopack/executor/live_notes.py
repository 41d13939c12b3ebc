"""Notes what the run is doing at this moment, at most twice a second, from a thread of its own: the run itself waits for nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import Event
from autopack.core.live import Live, followed
from autopack.executor.heartbeat import heartbeat
from autopack.store.database import Database
from autopack.store.live import put_live

LIVE_S: Final = 0.5


class LiveNotes:
    """``observe`` is told every event of the process and passes it on to whoever watches."""

    def __init__(self, database: Database, run_id: str, watcher: Callable[[Event], None]) -> None:
        self._database = database
        self._run = run_id
        self._watcher = watcher
        self._live: Live | None = None
        self._noted: Live | None = None

    def observe(self, event: Event) -> None:
        self._live = followed(self._live, event)
        self._watcher(event)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """While the block runs the row says what is under way; afterwards there is none."""
        with suppress(EnvironmentBlockedError):
            put_live(self._database, self._run, None)
        try:
            with heartbeat(self._note, LIVE_S):
                yield
        finally:
            with suppress(EnvironmentBlockedError):
                put_live(self._database, self._run, None)

    def _note(self) -> None:
        live = self._live
        if live != self._noted:
            put_live(self._database, self._run, live)
            self._noted = live
