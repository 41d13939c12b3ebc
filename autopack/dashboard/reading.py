"""What the reading routes share: who may ask, what they refuse with, which repository is meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends

from autopack.dashboard.access.require import require
from autopack.dashboard.access.scope import Scope
from autopack.dashboard.finding import RepositoryName
from autopack.dashboard.places import Place
from autopack.dashboard.problems import documented
from autopack.dashboard.server import TheServer
from autopack.executor.project_state import ProjectState

READERS: Final[list[Any]] = [require(Scope.READ)]
"""For a router's ``dependencies``."""

REFUSALS: Final = documented(
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""For a router's ``responses``: a token that is none, a run that is not there, a configuration with faults, a state out of reach."""

LARGEST: Final = 2**63 - 1
"""The largest number of a row."""


@dataclass(frozen=True)
class FoundPlace:
    """A repository with its state, open as long as the request lasts."""

    place: Place
    project: ProjectState


def find_place(server: TheServer, repo: RepositoryName = None) -> Iterator[FoundPlace]:
    place = server.places.chosen(repo)
    with place.looking() as project:
        yield FoundPlace(place, project)


ThePlace = Annotated[FoundPlace, Depends(find_place)]
"""A route's parameter of this type is the repository that ``repo`` names, or the first; 404 where there is none of that name."""
