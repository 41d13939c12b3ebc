"""Calls that are made in this very process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from autopack.core.settings import Timeouts
from autopack.llm.providers.clients import open_client
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.exchange import Exchange
from autopack.llm.providers.table import APIS
from autopack.llm.wire import ApiName, Json, WireClient


@dataclass(frozen=True)
class LocalLine:
    client: WireClient
    now: Callable[[], float]
    is_open: Final = True

    def exchange(self, api: ApiName, body: Json, headers: Mapping[str, str]) -> Exchange:
        return Exchange(self.client, APIS[api], body, headers, self.now)

    def close(self) -> None:
        self.client.close()


def local_line(to: Connection, timeouts: Timeouts, now: Callable[[], float]) -> LocalLine:
    """Imports the SDK where that is not done yet: a second or more."""
    return LocalLine(open_client(to, timeouts), now)
