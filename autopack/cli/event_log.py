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
            yield _news(event)

    return news


def _news(event: Event) -> News:
    return News(lambda: _lines(event), event.line)


def _lines(event: Event) -> Iterator[Text]:
    style = _STYLES.get(event.event, "yellow" if event.event == "phase_recovering" else "")
    state = f"{event.event.removeprefix('run_')}: " if event.event.startswith("run_") and event.data.get("message") else ""
    words = one_line(state + sentence(event), _LONGEST)
    yield Text.assemble((clock_time(event.time), "dim"), "  ", (words, style))
