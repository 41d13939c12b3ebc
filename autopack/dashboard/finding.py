"""Finds the run and the phase that a route's path names: in rows, never in the file system."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query

from autopack.core.errors import EnvironmentBlockedError, UnknownNameError
from autopack.core.names import nearest
from autopack.core.plan import Plan
from autopack.core.status import RunStatus
from autopack.dashboard.places import Place, Places
from autopack.dashboard.problems import Problem
from autopack.dashboard.server import TheServer
from autopack.executor.project_state import ProjectState
from autopack.store.tables import PhaseRow, RunRow

RunId = Annotated[str, Path(description="The run's id, as `autopack runs` lists it.", max_length=200)]
PhaseId = Annotated[str, Path(description="The phase's id in the plan.", max_length=200)]
RepositoryName = Annotated[
    str | None,
    Query(alias="repo", description="Which repository, where the server shows several that have a run of this id.", max_length=200),
]


@dataclass(frozen=True)
class FoundRun:
    """A run with the state that it was found in, open as long as the request lasts."""

    place: Place
    project: ProjectState
    run: RunRow

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @cached_property
    def status(self) -> RunStatus:
        """As it was when it was first asked for in this request."""
        return self.project.status(self.run_id)

    @cached_property
    def plan(self) -> Plan | None:
        """None where this version's rules do not take the plan."""
        return self.place.plans.of(self.project, self.run)

    def phase(self, phase_id: str) -> PhaseRow:
        """Raises UnknownNameError, with the nearest name, for a phase that the run does not have."""
        return self.project.phase(self.run_id, phase_id)


def find_run(server: TheServer, run_id: RunId, repo: RepositoryName = None) -> Iterator[FoundRun]:
    with ExitStack() as opened:
        yield found_run(server.places, run_id, repo, opened)


TheRun = Annotated[FoundRun, Depends(find_run)]
"""A route's parameter of this type is the run that ``{run_id}`` in its path names; 404 where there is none."""


def place_of(places: Places, run_id: str, name: str | None) -> Place:
    """The repository that has the run. Raises UnknownNameError where none has it, Problem where several have."""
    with ExitStack() as opened:
        return found_run(places, run_id, name, opened).place


def found_run(places: Places, run_id: str, name: str | None, opened: ExitStack) -> FoundRun:
    """The run with its state, which stays open as long as ``opened``. Raises as ``place_of``.

    A repository whose state is out of reach hides no run of another one.
    """
    holding, out_of_reach = [], None
    for place in (places.named(name),) if name is not None else places.all:
        try:
            project = opened.enter_context(place.looking())
            row = project.runs.find(run_id)
        except EnvironmentBlockedError as error:
            out_of_reach = error
            continue
        if row is not None:
            holding.append(FoundRun(place, project, row))
    if not holding:
        raise out_of_reach or unknown_run(places, run_id)
    if len(holding) > 1:
        names = " or ".join(f"?repo={found.place.name}" for found in holding)
        raise Problem(HTTPStatus.CONFLICT, f"more than one repository has a run '{run_id}': ask again with {names}.")
    return holding[0]


def unknown_run(places: Places, run_id: str) -> UnknownNameError:
    known = []
    for place in places.all:
        with place.looking() as project:
            known += [row.run_id for row in project.runs.newest_first()]
    where = places.all[0].repository.top if len(places.all) == 1 else "the repositories of this server"
    return UnknownNameError(f"there is no run '{run_id}' in {where}.", nearest(run_id, known), next_command="autopack runs")
