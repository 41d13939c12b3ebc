"""A page of a run's events, newest first, folded by phase and attempt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from autopack.core.events import Event
from autopack.reporting.event_sentence import sentence
from autopack.store.events import EventLog, EventsWanted

PAGE: Final = 300


@dataclass(frozen=True)
class EventLine:
    """``number`` is its row's id; ``time`` UTC epoch seconds."""

    number: int
    time: float
    name: str
    words: str


@dataclass(frozen=True)
class EventGroup:
    """Events that follow each other, all of one attempt of a phase, or of none; newest first."""

    title: str
    lines: tuple[EventLine, ...]

    @property
    def key(self) -> str:
        """The same as long as the group grows."""
        return f"{self.title} {self.lines[-1].number}"


@dataclass(frozen=True)
class EventPage:
    """``older``: the page before that row is the next older one; None where there is none."""

    groups: tuple[EventGroup, ...]
    older: int | None


def event_page(log: EventLog, run_id: str, wanted: EventsWanted) -> EventPage:
    found = log.page(run_id, EventsWanted(wanted.limit + 1, wanted.before, wanted.phase, wanted.text))
    shown = found[: wanted.limit]
    older = shown[-1][0] if len(found) > len(shown) else None
    return EventPage(tuple(_groups(shown)), older)


def _groups(found: Sequence[tuple[int, Event]]) -> Iterator[EventGroup]:
    for (phase, attempt), group in groupby(found, lambda one: (one[1].phase, one[1].attempt)):
        title = f"{phase}, attempt {attempt}" if phase and attempt else phase or "the run"
        yield EventGroup(title, tuple(EventLine(number, event.time, event.event, sentence(event)) for number, event in group))
