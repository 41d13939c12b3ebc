"""Connections that stay open: one line a provider, made when it is first needed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from autopack.core.settings import Timeouts
from autopack.llm.providers.connection import Connection, Reach, connection
from autopack.llm.providers.local_line import local_line
from autopack.llm.providers.worker import Worker
from autopack.llm.routing import Route
from autopack.llm.wire import WireLine


@dataclass
class Lines:
    """Used by several threads at once; a line is made once, in the ``worker`` while there is one, else in this process."""

    reach: Reach
    timeouts: Timeouts
    now: Callable[[], float]
    worker: Worker | None = None
    _lines: dict[str, WireLine] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def connection(self, route: Route) -> Connection:
        return connection(route.provider, route.key, self.reach)

    def line(self, route: Route) -> WireLine:
        with self._lock:
            line = self._lines.get(route.provider.name)
            if line is None or not line.is_open:
                line = self._lines[route.provider.name] = self._opened(self.connection(route))
            return line

    def close(self) -> None:
        with self._lock:
            for line in self._lines.values():
                line.close()
            self._lines.clear()
            if self.worker is not None:
                self.worker.end()

    def _opened(self, to: Connection) -> WireLine:
        line = self.worker.line(to, self.timeouts) if self.worker is not None else None
        return local_line(to, self.timeouts, self.now) if line is None else line
