"""Draws ``logs --events``: one line for each thing that happened."""

from collections.abc import Iterator

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.format import clock_time
from autopack.cli.screens.log_entries import LogEntry, Source
from autopack.cli.target import Target
from autopack.core.events import RUN, Event, phase_event, run_event
from autopack.core.states import PhaseState, RunState
from autopack.executor.project_state import ProjectState
from autopack.reporting.event_sentence import sentence

_LONGEST = 1000
_STYLES = {
    phase_event(PhaseState.COMPLETE): "green",
    run_event(RunState.COMPLETE): "green",
    phase_event(PhaseState.FAILED): "red",
    run_event(RunState.FAILED): "red",
    phase_event(PhaseState.HELD): "yellow",
    run_event(RunState.HELD): "yellow",
    phase_event(PhaseState.RECOVERING): "yellow",
}


def event_source(project: ProjectState, target: Target) -> Source:
    seen = 0

    def news() -> Iterator[LogEntry]:
        nonlocal seen
        for number, event in project.events.since(target.run_id, seen, target.phase_id):
            seen = number
            yield _news(event)

    return news


def _news(event: Event) -> LogEntry:
    return LogEntry(lambda: _lines(event), event.line)


def _lines(event: Event) -> Iterator[Text]:
    style = _STYLES.get(event.event, "")
    state = f"{event.event.removeprefix(RUN)}: " if event.event.startswith(RUN) and event.data.get("message") else ""
    words = one_line(state + sentence(event), _LONGEST)
    yield Text.assemble((clock_time(event.time), "dim"), "  ", (words, style))
