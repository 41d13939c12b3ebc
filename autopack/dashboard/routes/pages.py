"""The pages for a person's browser: the runs, a run, a phase, its check log, events, errors. They can be read without script."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, StreamingResponse

from autopack.core.printed import json_line
from autopack.core.states import RunState
from autopack.dashboard.finding import PhaseId
from autopack.dashboard.pages.asked import EventsAsked, LogAsked, RunsAsked
from autopack.dashboard.pages.check_log import log_part
from autopack.dashboard.pages.event_groups import PAGE, event_page
from autopack.dashboard.pages.links import PREFIX
from autopack.dashboard.pages.log_choice import chosen_log, logs_of
from autopack.dashboard.pages.page_route import PageRoute
from autopack.dashboard.pages.phase_view import phase_etags, phase_views
from autopack.dashboard.pages.reading import ThePage, TheRunPage
from autopack.dashboard.pages.run_view import run_view
from autopack.executor.lock import is_alive
from autopack.executor.look.run_diff import diff_shown
from autopack.executor.project_state import ProjectState
from autopack.reporting.error_list import error_list, error_summary
from autopack.store.events import EventsWanted
from autopack.store.phase_rows import phase_ids
from autopack.store.run_list import Wanted, run_page

_RUNS: Final = 50
_HELD: Final = Wanted(states=frozenset({RunState.HELD}), limit=10)

router = APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def runs(reading: ThePage, asked: Annotated[RunsAsked, Query()]) -> HTMLResponse:
    """Where nothing is looked for, runs that wait for a person stand above the others, however old they are."""
    with reading.place.looking() as project:
        listed = partial(run_page, project.database, lambda run_id: is_alive(project.locks, run_id))
        page, held = listed(_wanted(project, asked)), listed(_HELD) if asked == RunsAsked() else None
    older = reading.links.runs(**asked.older(page.next)) if page.next else None
    return reading.page("runs.html", page=page, held=held, asked=asked, states=tuple(RunState), older=older)


@router.get(f"{PREFIX}/{{run_id}}")
def run(reading: TheRunPage) -> HTMLResponse:
    return reading.page("run.html", view=run_view(reading.found, reading.links, reading.server.clock.now()))


@router.get(f"{PREFIX}/{{run_id}}/phases/{{phase_id}}")
def phase(reading: TheRunPage, phase_id: PhaseId) -> HTMLResponse:
    found = reading.found
    row = found.phase(phase_id)
    newest, etags = found.project.events.last_id(found.run_id), phase_etags(found, (row.phase_id,))
    (view,) = phase_views(found, etags, reading.server.clock.now())
    return reading.page("phase.html", view=view, run=found.status, logs=logs_of(found, row), newest=newest)


@router.get(f"{PREFIX}/{{run_id}}/phases/{{phase_id}}/log")
def log(reading: TheRunPage, phase_id: PhaseId, asked: Annotated[LogAsked, Query()]) -> HTMLResponse:
    """Names of files come from the run's records, never from the address."""
    row = reading.found.phase(phase_id)
    chosen = chosen_log(reading.found, row, asked.attempt)
    part = log_part(chosen.lines, asked.line, asked.text, chosen.failed)
    return reading.page("log.html", phase=phase_id, log=chosen.log, part=part, asked=asked, logs=logs_of(reading.found, row))


@router.get(f"{PREFIX}/{{run_id}}/events")
def events(reading: TheRunPage, asked: Annotated[EventsAsked, Query()]) -> HTMLResponse:
    found = reading.found
    wanted = EventsWanted(PAGE, asked.before or None, asked.phase or None, asked.text or None)
    newest, page = found.project.events.last_id(found.run_id), event_page(found.project.events, found.run_id, wanted)
    phases = phase_ids(found.project.database, found.run_id)
    return reading.page("events.html", page=page, asked=asked, phases=phases, newest=newest)


@router.get(f"{PREFIX}/{{run_id}}/events.jsonl")
def all_events(reading: TheRunPage) -> StreamingResponse:
    """As `autopack logs --events --json` prints them."""
    found = reading.found

    def lines() -> Iterator[str]:
        for _, event in found.project.events.since(found.run_id):
            yield f"{json_line(event.line())}\n"

    headers = {"Content-Disposition": f'attachment; filename="{found.run_id}-events.jsonl"'}
    return StreamingResponse(lines(), HTTPStatus.OK, headers, "application/jsonl")


@router.get(f"{PREFIX}/{{run_id}}/errors")
def errors(reading: TheRunPage) -> HTMLResponse:
    found = reading.found
    newest = found.project.events.last_id(found.run_id)
    every = error_list(found.project.database, (found.run_id,), found.run_id)
    return reading.page("errors.html", errors=every, summary=error_summary(every), newest=newest)


@router.get(f"{PREFIX}/{{run_id}}/diff")
def diff(reading: TheRunPage) -> HTMLResponse:
    """What the run's branch changes against its base."""
    return reading.page("diff.html", shown=diff_shown(reading.found.project, reading.found.run, None))


def _wanted(project: ProjectState, asked: RunsAsked) -> Wanted:
    """Days are those of UTC, the last one included."""
    return Wanted(
        states=frozenset(asked.state),
        project=asked.project or None,
        text=asked.text or None,
        since=_midnight(asked.since),
        until=_midnight(asked.until + timedelta(days=1)) if asked.until else None,
        after=project.runs.find(asked.after) if asked.after else None,
        limit=_RUNS,
    )


def _midnight(day: date | None) -> float | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() if day else None
