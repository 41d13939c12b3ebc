"""A page that is being made: who reads it, the run that it is about, and how its links are written."""

from typing import Annotated

from fastapi import Depends
from fastapi.responses import HTMLResponse

from autopack.dashboard.access.require import require
from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.finding import RepositoryName, TheRun
from autopack.dashboard.pages.links import Links
from autopack.dashboard.pages.rendering import render
from autopack.dashboard.server import TheServer


class Reading:
    """The repository is named in every address as soon as the server shows several."""

    def __init__(self, server: TheServer, caller: Annotated[Caller, require(Scope.READ)], repo: RepositoryName = None) -> None:
        places = server.places
        self.server = server
        self.caller = caller
        self.place = places.chosen(repo)
        self.links = Links(self.place.name if len(places.all) > 1 else None)

    def page(self, template: str, **values: object) -> HTMLResponse:
        own = {"caller": self.caller, "places": self.server.places.all, "place": self.place}
        return render(template, self.links, {**own, **values})


class ReadingRun(Reading):
    """``found`` is the run that the address names, with its state open."""

    def __init__(
        self, server: TheServer, caller: Annotated[Caller, require(Scope.READ)], found: TheRun, repo: RepositoryName = None
    ) -> None:
        super().__init__(server, caller, repo)
        self.found = found

    def page(self, template: str, **values: object) -> HTMLResponse:
        return super().page(template, run_id=self.found.run_id, **values)


ThePage = Annotated[Reading, Depends()]
TheRunPage = Annotated[ReadingRun, Depends()]
