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
from autopack.dashboard.pages.phase_view import PhaseView, phase_views
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.planning.graph import direct_needs
from autopack.reporting.error_list import ErrorSummary, error_list, error_summary
from autopack.reporting.report.markup import Markup
from autopack.reporting.timeline import PhaseBars, timeline_of
from autopack.reporting.usage import By, Share, summed_usage
from autopack.store.events import EventsWanted
from autopack.store.tables import RunRow

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
    newest, status = project.events.last_id(run_id), project.status(run_id)
    held = [phase.id for phase in status.phases if phase.state == PhaseState.HELD]
    graph = phase_graph(status.phases, _needs(project, found.run), lambda phase: links.phase(run_id, phase))
    return RunView(
        status=status,
        project=found.run.project,
        held=phase_views(found, status, held[:_HELD_SHOWN], now),
        also_held=tuple(held[_HELD_SHOWN:]),
        graph=graph,
        timeline=timeline_of(project.database, run_id, status.phases),
        costs=tuple((by.value, summed_usage(project.database, by, run_id, None).rows) for by in _BY),
        errors=error_summary(error_list(project.database, (run_id,), run_id)),
        events=event_page(project.events, run_id, EventsWanted(_NEWEST)),
        stop_etag=run_etag(project, run_id) if status.owner else None,
        newest=newest,
    )


def _needs(project: ProjectState, run: RunRow) -> dict[str, tuple[str, ...]]:
    plan = plan_if_known(project, run)
    return direct_needs(plan) if plan else {}
