"""What a dashboard shows first: the repositories, where a run stands, what was used, who is asked."""

from collections import Counter
from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Query, Response

from autopack import __version__
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.models_shown import ModelsShown
from autopack.core.status import RunStatus
from autopack.dashboard.answers import ETAG, printed, shown
from autopack.dashboard.bodies import Body
from autopack.dashboard.etags import run_etag
from autopack.dashboard.finding import RepositoryName, TheRun, found_run
from autopack.dashboard.reading import READERS, REFUSALS, ThePlace
from autopack.dashboard.server import TheServer
from autopack.executor.look.chosen_models import chosen_models
from autopack.executor.look.models_shown import models_shown
from autopack.executor.look.repository_shown import RepositoryShown, repository_shown
from autopack.executor.look.usage_shown import usage_shown
from autopack.reporting.period_usage import Period, PeriodUsage
from autopack.settings.keys import find_keys
from autopack.store.migrations import CURRENT

router = APIRouter(prefix="/dashboard", tags=["dashboard"], dependencies=READERS, responses=REFUSALS)


class Overview(Body):
    """``state_schema`` is the version of the state databases that this Autopack writes.

    ``out_of_reach``: repositories whose state cannot be read now, by their names, each with the sentence why.
    """

    version: str
    state_schema: int
    repositories: tuple[RepositoryShown, ...]
    out_of_reach: dict[str, str]
    runs_by_state: dict[str, int]


@router.get("/status")
def status(server: TheServer) -> Overview:
    """The repositories of this server: runs by state, room on the disk, sandbox, which providers have a key."""
    repositories, out_of_reach = [], {}
    for place in server.places.all:
        try:
            with place.looking() as project:
                repositories.append(repository_shown(project, place.name))
        except EnvironmentBlockedError as error:
            out_of_reach[place.name] = error.message
    runs = sum((Counter(one.runs_by_state) for one in repositories), Counter[str]())
    return Overview(
        version=__version__,
        state_schema=CURRENT,
        repositories=tuple(repositories),
        out_of_reach=out_of_reach,
        runs_by_state=dict(runs),
    )


@router.get("/runs/{run_id}/status", response_model=shown(RunStatus), responses=ETAG)
def run_status(run: TheRun) -> Response:
    """Where a run stands, as `autopack status --json` says it."""
    return printed(run.project.status(run.run_id), {"ETag": run_etag(run.project, run.run_id)})


Of = Annotated[str | None, Query(max_length=200, description="Only what this run used.")]
In = Annotated[Period, Query(description="This UTC day, or that with the six or the 29 days before it.")]


@router.get("/usage", response_model=shown(PeriodUsage))
def usage(server: TheServer, period: In = Period.WEEK, run: Of = None, repo: RepositoryName = None) -> Response:
    """What was used in a period by provider and model, as `autopack usage --period --json` says it."""
    with ExitStack() as opened:
        if run is not None:
            project = found_run(server.places, run, repo, opened).project
        else:
            project = opened.enter_context(server.places.chosen(repo).looking())
        return printed(usage_shown(project, period, run, server.clock.now()))


@router.get("/models", response_model=shown(ModelsShown))
def models(found: ThePlace) -> Response:
    """Who is asked for what, as `autopack models --json` says it."""
    project = found.project
    settings = project.effective.settings
    keys = find_keys(settings, project.environment, project.repository.top)
    return printed(models_shown(settings.models, keys, chosen_models(project)))
