"""The open clients: one for each provider, made when it is first needed."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autopack.core.models_settings import Timeouts
from autopack.core.providers import ApiName
from autopack.core.settings import ProviderAccess
from autopack.llm.calls.routing import Route
from autopack.llm.providers.connection import Connection, connection
from autopack.llm.providers.exchange import Exchange
from autopack.llm.providers.sdk_client import open_client
from autopack.llm.providers.table import APIS
from autopack.llm.wire import Json, WireClient, WireFailure


@dataclass
class Connections:
    """Safe to use from several threads."""

    access: ProviderAccess
    timeouts: Timeouts
    now: Callable[[], float]
    _clients: dict[str, WireClient] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def connection(self, route: Route) -> Connection:
        return connection(route.provider, route.key, self.access)

    def client(self, route: Route) -> WireClient:
        with self._lock:
            client = self._clients.get(route.provider.name)
            if client is None:
                client = self._clients[route.provider.name] = self._open(route)
            return client

    def exchange(self, route: Route, api: ApiName, body: Json, headers: Mapping[str, str]) -> Exchange:
        return Exchange(self.client(route), APIS[api], body, headers)

    def count(self, route: Route, api: ApiName, body: Json, headers: Mapping[str, str]) -> int | None:
        """The input tokens of a request as its provider counts them; None where it does not say."""
        path, counted = APIS[api].count_path, APIS[api].counted
        if path is None:
            return None
        try:
            answer = self.client(route).ask(path, {key: value for key, value in body.items() if key in counted}, headers)
        except WireFailure:
            return None
        number = answer.get("input_tokens") if isinstance(answer, dict) else None
        return number if isinstance(number, int) and number > 0 else None

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _open(self, route: Route) -> WireClient:
        return open_client(APIS[route.provider.api].sdk, self.connection(route), self.timeouts, self.now)
