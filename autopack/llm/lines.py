"""Connections that stay open: one client a provider, made when it is first needed."""

import threading

from autopack.core.settings import Timeouts
from autopack.llm.providers.clients import open_client
from autopack.llm.providers.connection import Connection, Reach, connection
from autopack.llm.routing import Route
from autopack.llm.wire import WireClient


class Lines:
    """Used by several threads at once; a client is made once."""

    def __init__(self, reach: Reach, timeouts: Timeouts) -> None:
        self._reach = reach
        self._timeouts = timeouts
        self._clients: dict[str, WireClient] = {}
        self._lock = threading.Lock()

    def connection(self, route: Route) -> Connection:
        return connection(route.provider, route.key, self._reach)

    def client(self, route: Route) -> WireClient:
        with self._lock:
            client = self._clients.get(route.provider.name)
            if client is None:
                client = self._clients[route.provider.name] = open_client(self.connection(route), self._timeouts)
            return client

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
