"""One stream's queue of what is new; whoever does not read along is cut off and comes back by itself."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi.sse import ServerSentEvent

MOST: Final = 2_000
"""Messages that may wait for a slow reader."""


class Subscription:
    """``begin`` is the newest event when it began: what is put here comes after it. ``holds``: whether the reader's token still does."""

    def __init__(self, begin: int, holds: Callable[[], bool]) -> None:
        self.begin = begin
        self.holds = holds
        self._waiting: deque[ServerSentEvent] = deque()
        self._ready = asyncio.Event()
        self._is_over = False

    def put(self, message: ServerSentEvent) -> None:
        if len(self._waiting) >= MOST:
            self._waiting.clear()
            self.end()
        if not self._is_over:
            self._waiting.append(message)
            self._ready.set()

    def end(self) -> None:
        """What waits is still given out."""
        self._is_over = True
        self._ready.set()

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        while True:
            while self._waiting:
                yield self._waiting.popleft()
            if self._is_over:
                return
            self._ready.clear()
            await self._ready.wait()
