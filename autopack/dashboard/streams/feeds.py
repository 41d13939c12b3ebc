"""The feeds of a server, one a run, and how many streams may be open at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Final

from autopack.dashboard.places import Place
from autopack.dashboard.problems import Problem
from autopack.dashboard.streams.feed import Feed
from autopack.dashboard.streams.subscription import Subscription

MOST: Final = 50


class Feeds:
    """Streams end once ``closing`` is set."""

    def __init__(self, closing: asyncio.Event) -> None:
        self._closing = closing
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._opening = asyncio.Lock()
        self.streams = 0

    @contextmanager
    def stream(self) -> Iterator[None]:
        """Counts one stream while it is open. Raises Problem (503) where there are too many."""
        if self.streams >= MOST:
            said = f"{MOST} streams are open, which is the most: close a page that watches a run."
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, said, headers={"Retry-After": "10"})
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    @asynccontextmanager
    async def watching(self, place: Place, run_id: str, holds: Callable[[], bool]) -> AsyncIterator[Subscription]:
        key = (place.name, run_id)
        async with self._opening:
            feed = self._feeds.get(key)
            if feed is None:
                feed = self._feeds[key] = await Feed.opened(place, run_id, self._closing, lambda: self._forget(key))
            watched = feed.watched(holds)
            mine = watched.__enter__()
        try:
            yield mine
        finally:
            watched.__exit__(None, None, None)

    def _forget(self, key: tuple[str, str]) -> None:
        self._feeds.pop(key, None)
