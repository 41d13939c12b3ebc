"""What one server is made of, and how a route gets at it."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, cast

from fastapi import Depends, Request

from autopack.core.clock import Clock
from autopack.dashboard.access.access import Access
from autopack.dashboard.guard.names import Names
from autopack.dashboard.places import Places
from autopack.dashboard.resuming import Resuming
from autopack.dashboard.streams.feeds import Feeds


@dataclass(frozen=True)
class Server:
    """``resuming`` is there where verbs may start a run again; streams end once ``closing`` is set."""

    places: Places
    clock: Clock
    access: Access
    names: Names = field(default_factory=Names)
    resuming: Resuming | None = None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @cached_property
    def feeds(self) -> Feeds:
        return Feeds(self.closing)


def server_of(request: Request) -> Server:
    return cast("Server", request.app.state.server)


TheServer = Annotated[Server, Depends(server_of)]
"""A route's parameter of this type is the server that answers."""
