"""A run as it goes: its log from any point on, then what is new as it happens, as server-sent events."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from autopack.dashboard.access.require import require
from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.finding import RepositoryName, RunId, place_of
from autopack.dashboard.places import Place
from autopack.dashboard.reading import LARGEST, READERS, REFUSALS
from autopack.dashboard.server import Server, TheServer
from autopack.dashboard.streams.run_reader import history, newest

router = APIRouter(prefix="/runs/{run_id}", tags=["live"], dependencies=READERS, responses=REFUSALS)

LastEventId = Annotated[int | None, Header(ge=0, le=LARGEST, description="The last event that was read; sent by browsers by themselves.")]
After = Annotated[int | None, Query(ge=0, le=LARGEST, description="As `Last-Event-ID`, which counts where both are given.")]
Follows = Annotated[bool, Query(description="Go on with what happens; false: end where the log ends now.")]


@dataclass(frozen=True)
class Watched:
    """The run that a stream is about, the row of its log behind which it begins, and whether the reader's token still holds."""

    server: Server
    place: Place
    run_id: str
    after: int
    follows: bool
    holds: Callable[[], bool]


async def watched(  # noqa: PLR0913, PLR0917 - what a request may say
    server: TheServer,
    caller: Annotated[Caller, require(Scope.READ)],
    run_id: RunId,
    repo: RepositoryName = None,
    last_event_id: LastEventId = None,
    after: After = None,
    follow: Follows = True,
) -> AsyncIterator[Watched]:
    """Refuses before the stream begins: 404, and 503 where too many are open."""
    place = await run_in_threadpool(place_of, server.places, run_id, repo)
    begin = last_event_id if last_event_id is not None else after or 0
    with server.feeds.stream():
        yield Watched(server, place, run_id, begin, follow, lambda: server.access.holds(caller))


@router.get("/events", response_class=EventSourceResponse)
async def events(run: Annotated[Watched, Depends(watched)]) -> AsyncIterator[ServerSentEvent]:
    """Messages are lines of the log as `autopack logs --json` prints them, each with its `id`.

    `live` says what the run does at this moment (the model that is asked, characters of its reply), `state` which state the run is in;
    both have no `id`. A comment each 15 s shows that the stream lives. It ends when the reader's token does, when the server ends, and for
    a reader who lags too far behind; ask again with `Last-Event-ID`.
    """
    if not run.follows:
        async for message in _past(run, await run_in_threadpool(newest, run.place, run.run_id)):
            yield message
        return
    async with run.server.feeds.watching(run.place, run.run_id, run.holds) as mine:
        async for message in _past(run, mine.begin):
            yield message
        async for message in mine.messages():
            yield message


async def _past(run: Watched, upto: int) -> AsyncIterator[ServerSentEvent]:
    after = run.after
    while after < upto and run.holds():
        batch = await run_in_threadpool(history, run.place, run.run_id, after, upto)
        for message in batch:
            yield message
        after = int(batch[-1].id or 0) if batch else upto
