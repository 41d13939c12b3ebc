"""Addresses of the server's pages, and of the routes that they ask; names are quoted. Pure."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

PREFIX: Final = "/view"


@dataclass(frozen=True)
class Links:
    """``repository`` stands in every address where the server shows several."""

    repository: str | None = None

    def runs(self, **query: object) -> str:
        return self._address("/", query)

    def run(self, run_id: str, *parts: str, **query: object) -> str:
        return self._address(_path(PREFIX, run_id, *parts), query)

    def phase(self, run_id: str, phase_id: str, *parts: str, **query: object) -> str:
        return self._address(_path(PREFIX, run_id, "phases", phase_id, *parts), query)

    def verb(self, run_id: str, *parts: str) -> str:
        """The route that a button asks."""
        return self._address(_path("/runs", run_id, *parts), {})

    def _address(self, path: str, query: dict[str, object]) -> str:
        said = {"repo": self.repository, **query}
        told = urlencode({name: value for name, value in said.items() if value not in (None, "")}, doseq=True)
        return f"{path}?{told}" if told else path


def _path(*parts: str) -> str:
    first, *more = parts
    return "/".join((first, *(quote(part, safe="") for part in more)))
