"""What the page of a run says, from the queries of the command line and the report."""

from dataclasses import dataclass
from typing import Final

from autopack.core.states import PhaseState
from autopack.core.status import RunStatus
from autopack.dashboard.etags import run_etag
from autopack.dashboard.finding import FoundRun
from autopack.dashboard.pages.event_groups import EventPage, event_page
from autopack.dashboard.pages.graph import phase_graph
from autopack.dashboard.pages.links import Links
from autopack.dashboard.pages.phase_view import PhaseView, phase_etags, phase_views
from autopack.planning.graph import direct_needs
from autopack.reporting.error_list import ErrorSummary, error_list, error_summary
from autopack.reporting.report.markup import Markup
from autopack.reporting.timeline import PhaseBars, timeline_of
from autopack.reporting.usage import By, Share, shares_by
from autopack.store.costs import costs_of_run
from autopack.store.events import EventsWanted
from autopack.store.phase_rows import phases_of

_HELD_SHOWN: Final = 5
_NEWEST: Final = 40
_BY: Final = (By.MODEL, By.ROLE, By.PHASE)


@dataclass(frozen=True)
class RunView:
    """``held`` are the first phases that wait for a person, ``also_held`` the ids of the others; ``stop_etag``: the run can be stopped.

    ``newest`` is the row id of the last event before all of it was read.
    """

    status: RunStatus
    project: str
    held: tuple[PhaseView, ...]
    also_held: tuple[str, ...]
    graph: Markup
    timeline: tuple[PhaseBars, ...]
    costs: tuple[tuple[str, tuple[Share, ...]], ...]
    errors: ErrorSummary
    events: EventPage
    stop_etag: str | None
    newest: int


def run_view(found: FoundRun, links: Links, now: float) -> RunView:
    project, run_id = found.project, found.run_id
    newest, stop_etag = project.events.last_id(run_id), run_etag(project, run_id)
    waiting = [row.phase_id for row in phases_of(project.database, run_id) if row.state == PhaseState.HELD]
    etags = phase_etags(found, waiting[:_HELD_SHOWN])
    status = found.status
    held = [phase.id for phase in status.phases if phase.state == PhaseState.HELD]
    shown = {phase: etag for phase, etag in etags.items() if phase in held}
    needs = direct_needs(found.plan) if found.plan else {}
    return RunView(
        status=status,
        project=found.run.project,
        held=phase_views(found, shown, now),
        also_held=tuple(phase for phase in held if phase not in shown),
        graph=phase_graph(status.phases, needs, lambda phase: links.phase(run_id, phase)),
        timeline=timeline_of(project.database, run_id, status.phases, costs_of_run(project.database, run_id)),
        costs=tuple((by.value, rows) for by, rows in shares_by(project.database, _BY, run_id).items()),
        errors=error_summary(error_list(project.database, (run_id,), run_id)),
        events=event_page(project.events, run_id, EventsWanted(_NEWEST)),
        stop_etag=stop_etag if status.owner else None,
        newest=newest,
    )
