"""Asks for what is new of one run, once for all who watch it, and hands it to each of them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Final

from autopack.core.errors import UserError
from autopack.dashboard.places import Place
from autopack.dashboard.streams.run_reader import RunReader
from autopack.dashboard.streams.subscription import Subscription

LOOK_S: Final = 0.5


class Feed:
    """Lives as long as somebody watches; ``on_end`` is told when nobody does any more."""

    def __init__(self, reader: RunReader, closing: asyncio.Event, on_end: Callable[[], None]) -> None:
        self._reader = reader
        self._told = reader.position
        self._closing = closing
        self._on_end = on_end
        self._subscriptions: set[Subscription] = set()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def opened(cls, place: Place, run_id: str, closing: asyncio.Event, on_end: Callable[[], None]) -> "Feed":
        """Raises EnvironmentBlockedError where the state is out of reach."""
        return cls(await asyncio.to_thread(RunReader, place, run_id), closing, on_end)

    @contextlib.contextmanager
    def watched(self, holds: Callable[[], bool]) -> Iterator[Subscription]:
        mine = Subscription(self._told, holds)
        for message in self._reader.first():
            mine.put(message)
        self._subscriptions.add(mine)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._read())
        try:
            yield mine
        finally:
            self._subscriptions.discard(mine)

    async def _read(self) -> None:
        try:
            while self._subscriptions and not self._closing.is_set():
                messages = await asyncio.to_thread(self._reader.new)
                self._told = self._reader.position
                for one in tuple(self._subscriptions):
                    for message in messages:
                        one.put(message)
                    if not one.holds():
                        one.end()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), LOOK_S)
        except UserError:
            pass  # those who watch are cut off, come back, and are told what is wrong
        finally:
            self._on_end()
            for one in self._subscriptions:
                one.end()
            self._reader.close()
