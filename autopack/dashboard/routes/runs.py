"""The runs of a repository, one run, one of its phases, what it changed, its report."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from autopack.core.states import RunState
from autopack.core.status import RunStatus
from autopack.dashboard.answers import ETAG, printed, shown
from autopack.dashboard.etags import phase_etag, run_etag
from autopack.dashboard.finding import PhaseId, TheRun
from autopack.dashboard.reading import READERS, REFUSALS, ThePlace
from autopack.executor.lock import is_alive
from autopack.executor.look.phase_shown import phase_shown
from autopack.executor.look.run_diff import DiffShown, diff_shown
from autopack.executor.run_report import report_of
from autopack.executor.start.run_inputs import redactor_of_plan
from autopack.reporting.report.model import RunReport
from autopack.reporting.story import PhaseStory
from autopack.store.run_list import RunPage, Wanted, run_page

router = APIRouter(prefix="/runs", tags=["runs"], dependencies=READERS, responses=REFUSALS)

States = Annotated[list[RunState], Query(description="Only runs in one of these states.")]
OfProject = Annotated[str | None, Query(max_length=200, description="Only runs of this project.")]
Containing = Annotated[str | None, Query(max_length=200, description="Only runs with this in id, goal, branch or message.")]
Since = Annotated[float | None, Query(allow_inf_nan=False, description="Only runs begun since; UTC epoch seconds.")]
Until = Annotated[float | None, Query(allow_inf_nan=False, description="Only runs begun before; UTC epoch seconds.")]
Limit = Annotated[int, Query(ge=1, le=500, description="So many at most.")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Attempt = Annotated[int | None, Query(ge=1, le=1_000_000, description="What this attempt of the phase had made.")]
OfPhase = Annotated[str | None, Query(max_length=200, description="Only what this phase changed.")]


@router.get("", response_model=shown(RunPage))
def runs(  # noqa: PLR0913, PLR0917 - a filter each
    found: ThePlace,
    state: States = [],  # noqa: B006 - FastAPI copies it
    project: OfProject = None,
    text: Containing = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """The runs of a repository, newest first, as `autopack runs --json` lists them."""
    last = found.project.run(after) if after is not None else None
    wanted = Wanted(states=frozenset(state), project=project, text=text, since=since, until=until, after=last, limit=limit)
    return printed(run_page(found.project.database, lambda run_id: is_alive(found.project.locks, run_id), wanted))


@router.get("/{run_id}", response_model=shown(RunStatus), responses=ETAG)
def run(run: TheRun) -> Response:
    """Where a run stands, as `autopack status --json` says it."""
    return printed(run.project.status(run.run_id), {"ETag": run_etag(run.project, run.run_id)})


@router.get("/{run_id}/phases/{phase_id}", response_model=shown(PhaseStory), responses=ETAG)
def phase(run: TheRun, phase_id: PhaseId) -> Response:
    """What happened in a phase, as `autopack show --json` tells it."""
    row = run.phase(phase_id)
    etag = phase_etag(run.project, run.run_id, row.phase_id)
    return printed(phase_shown(run.project, run.run, row), {"ETag": etag})


@router.get("/{run_id}/diff", response_model=shown(DiffShown))
def diff(run: TheRun, phase: OfPhase = None, attempt: Attempt = None) -> Response:
    """What a run, a phase or an attempt changed, as `autopack diff --json` shows it."""
    return printed(diff_shown(run.project, run.run, run.phase(phase) if phase is not None else None, attempt))


@router.get("/{run_id}/report", response_model=shown(RunReport))
def report(run: TheRun) -> Response:
    """The run's report, as `autopack report --json` prints it."""
    redactor = redactor_of_plan(run.project, run.plan)
    return printed(report_of(run.project, run.run, redactor, run.place.clock.now()))
