"""A row of the providers' table: an API, and the SDK that speaks it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from autopack.core.providers import ApiName
from autopack.llm.wire import Collector, Json, Received, WireClient, WireRequest

if TYPE_CHECKING:
    import httpx2

    from autopack.llm.providers.connection import Connection


@dataclass(frozen=True)
class Sdk:
    """A vendor's official SDK.

    ``load`` imports it, which takes up to a second; ``last_name`` is there once it is imported to its end. ``client`` makes a client of
    the imported module that sends over the given HTTP client. ``name`` is also the name of its logger. ``retiring`` gives the models
    that the vendor retires, each with the day.
    """

    name: str
    load: Callable[[], ModuleType]
    last_name: str
    client: "Callable[[Any, Connection, httpx2.Client, Callable[[], float]], WireClient]"
    retiring: Callable[[Any], Mapping[str, str]] = lambda _: {}


@dataclass(frozen=True)
class Api:
    """How a request is written, how its stream is put together, how the final message is read.

    ``stand_in`` is the API that a server other than the vendor's may speak where it does not know this one.
    ``takes_open_schemas``: a schema with free keys may be sent as a schema. ``count_path`` counts a request's input tokens, where the API
    has such a thing; it takes the ``counted`` keys of the body.
    """

    sdk: Sdk
    path: str
    body: Callable[[WireRequest], Json]
    collector: Callable[[], Collector]
    read: Callable[[Json], Received]
    stand_in: ApiName | None = None
    takes_open_schemas: bool = True
    count_path: str | None = None
    counted: frozenset[str] = frozenset()
