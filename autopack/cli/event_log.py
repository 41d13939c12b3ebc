"""``logs --events``: what happened, a line each."""

from collections.abc import Iterator

from rich.text import Text

from autopack.cli.marks import clock_time
from autopack.cli.news import News, Source
from autopack.cli.plain import sentence
from autopack.cli.printable import one_line
from autopack.cli.target import Target
from autopack.core.events import Event
from autopack.executor.place import Place

_LONGEST = 1000
_STYLES = {
    "phase_complete": "green",
    "run_complete": "green",
    "phase_failed": "red",
    "run_failed": "red",
    "phase_held": "yellow",
    "run_held": "yellow",
}


def event_source(place: Place, target: Target) -> Source:
    seen = 0

    def news() -> Iterator[News]:
        nonlocal seen
        for number, event in place.events.since(target.run_id, seen, target.phase_id):
            seen = number
            yield News(lambda event=event: _lines(event), event.line)  # type: ignore[misc] - bound now, called before the next

    return news


def _lines(event: Event) -> Iterator[Text]:
    style = _STYLES.get(event.event, "yellow" if event.event == "phase_recovering" else "")
    yield Text.assemble((clock_time(event.time), "dim"), "  ", (one_line(sentence(event), _LONGEST), style))
