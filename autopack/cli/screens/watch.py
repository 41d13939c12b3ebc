"""Watches a run until nobody works on it: redraws on a terminal, prints a line for each change in a pipe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Group
from rich.live import Live
from rich.text import Text

from autopack.cli.output import print_model
from autopack.cli.screens.screen import Screen, one_row, stdout_screen
from autopack.cli.screens.status_screen import change_lines, status_lines
from autopack.core.clock import Clock
from autopack.core.states import RunState
from autopack.core.status import RunStatus
from autopack.executor.project_state import ProjectState

LOOK_S = 1.0
_LOOKS_WITHOUT_NEWS = 5
_AT_WORK = frozenset({RunState.RUNNING, RunState.WAITING})


def watch(project: ProjectState, run_id: str, clock: Clock, repo: Path, *, as_json: bool) -> RunStatus:
    """The status that the run ended with, or that it had when a person left with Ctrl-C."""
    screen = stdout_screen()
    before: RunStatus | None = None
    with _drawing(screen, is_wanted=not as_json) as draw:
        for status in _until_interrupted(_looks(project, run_id, clock)):
            if as_json and status != before:
                print_model(status)
            elif draw is not None:
                draw(list(status_lines(_at_work(status), clock.now(), screen.width, repo)))
            elif not as_json:
                screen.show(change_lines(before, status, clock.now()))
            before = status
    last = before or project.status(run_id)
    if draw is not None:
        screen.show(status_lines(last, clock.now(), screen.width, repo))
    return last


def _at_work(status: RunStatus) -> RunStatus:
    """Without what leads on from a run at work, which is to look on."""
    return status.model_copy(update={"next": ()}) if status.state in _AT_WORK else status


@contextmanager
def _drawing(screen: Screen, *, is_wanted: bool) -> Iterator[Callable[[list[Text]], None] | None]:
    """Draws in place on a terminal and takes the drawing away at the end; None where there is no terminal."""
    if not is_wanted or screen.width is None:
        yield None
        return
    with Live(console=screen.console, auto_refresh=False, transient=True) as live:
        yield lambda lines: live.update(Group(*map(one_row, lines)), refresh=True)


def _until_interrupted(statuses: Iterator[RunStatus]) -> Iterator[RunStatus]:
    try:
        yield from statuses
    except KeyboardInterrupt:
        return


def _looks(project: ProjectState, run_id: str, clock: Clock) -> Iterator[RunStatus]:
    """Gives a status each second while the run is at work, read again where the log has grown and every few looks; then the last one."""
    seen, looks = 0, 0
    status = project.status(run_id)
    yield status
    while status.state in _AT_WORK:
        clock.sleep(LOOK_S)
        newest = max((number for number, _ in project.events.since(run_id, seen)), default=seen)
        looks += 1
        if newest != seen or looks % _LOOKS_WITHOUT_NEWS == 0:
            status = project.status(run_id)
        seen = newest
        yield status
