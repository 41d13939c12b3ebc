"""Reads what is new of one run: rows of its log, what it does at this moment, whether a process works on it."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from fastapi.sse import ServerSentEvent

from autopack.core.events import Event
from autopack.core.live import Live
from autopack.core.printed import SCHEMA, json_line, record_of
from autopack.dashboard.places import Place
from autopack.executor.project_state import ProjectState
from autopack.store.live import live_of
from autopack.store.news import News

BATCH: Final = 500
LOOKS_PER_QUESTION: Final = 4
"""Asking whether a process works on the run holds its lock for an instant, so that is asked seldom."""


class RunReader:
    """``position`` is the row id of the newest event that was read. Used by one thread at a time."""

    def __init__(self, place: Place, run_id: str) -> None:
        self._place = place
        self._run = run_id
        self._stack = ExitStack()
        self._project, self._news = self._opened()
        self.position = self._project.events.last_id(run_id)
        self._live: Live | None = None
        self._state = ""
        self._looks = 0

    def close(self) -> None:
        self._stack.close()

    def first(self) -> tuple[ServerSentEvent, ...]:
        """What a stream that begins now is told besides the log."""
        state = state_message(self._run, self._state) if self._state else None
        live = live_message(self._live) if self._live is not None else None
        return tuple(one for one in (state, live) if one is not None)

    def new(self) -> tuple[ServerSentEvent, ...]:
        """What came since the last look. Raises EnvironmentBlockedError where the state is out of reach."""
        if self._news.is_stale:
            self._stack.close()
            self._project, self._news = self._opened()
        is_new = self._news.is_there()
        found = [*self._rows(), *self._at_work()] if is_new else []
        if is_new or self._looks % LOOKS_PER_QUESTION == 0:
            found += self._in_state()
        self._looks += 1
        return tuple(found)

    def _opened(self) -> tuple[ProjectState, News]:
        project = self._stack.enter_context(self._place.looking())
        news = News(project.database)
        self._stack.callback(news.close)
        return project, news

    def _rows(self) -> Iterator[ServerSentEvent]:
        for number, event in self._project.events.since(self._run, self.position):
            self.position = number
            yield event_message(number, event)

    def _at_work(self) -> Iterator[ServerSentEvent]:
        live = live_of(self._project.database, self._run)
        if live != self._live:
            self._live = live
            yield live_message(live or Live(run_id=self._run, time=self._place.clock.now()))

    def _in_state(self) -> Iterator[ServerSentEvent]:
        """A process that was killed writes no event."""
        state = self._project.status(self._run).state
        if state != self._state:
            self._state = state
            yield state_message(self._run, state)


def newest(place: Place, run_id: str) -> int:
    """The row id of the last event."""
    with place.looking() as project:
        return project.events.last_id(run_id)


def history(place: Place, run_id: str, after: int, upto: int) -> tuple[ServerSentEvent, ...]:
    """The next events behind ``after`` and up to ``upto``, at most a batch."""
    with place.looking() as project:
        rows = project.events.since(run_id, after, upto=upto, limit=BATCH)
        return tuple(event_message(number, event) for number, event in rows)


def event_message(number: int, event: Event) -> ServerSentEvent:
    """As ``logs --json`` prints it."""
    return ServerSentEvent(raw_data=json_line(event.line()), id=str(number))


def live_message(live: Live) -> ServerSentEvent:
    return ServerSentEvent(raw_data=json_line(record_of(live)), event="live")


def state_message(run_id: str, state: str) -> ServerSentEvent:
    return ServerSentEvent(raw_data=json_line({"schema": SCHEMA, "run_id": run_id, "state": state}), event="state")
