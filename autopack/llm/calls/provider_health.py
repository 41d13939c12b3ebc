"""Remembers, while the process lives, which providers are barred, which are down, and which formats and APIs worked."""

from dataclasses import dataclass, field
from typing import Final

from autopack.core.call import Prompt
from autopack.core.providers import ApiName
from autopack.llm.calls.routing import Route
from autopack.llm.calls.stored_request import StoredRequest
from autopack.llm.providers.reply_schema import is_expressible
from autopack.llm.providers.table import APIS
from autopack.llm.wire import Structured, WireFailure, WireKind

_OF_PROVIDER: Final = frozenset({WireKind.KEY_REFUSED, WireKind.QUOTA, WireKind.MISCONFIGURED})
_SIMPLER: Final[dict[Structured, Structured]] = {"schema": "tool", "tool": "json"}
_DOWN_S: Final = 600.0
_FORBIDDEN: Final = 403


@dataclass
class ProviderHealth:
    """``barred`` holds the reason, by provider or by route; ``down`` when a route was last given up.

    ``structured`` (by route) and ``apis`` (by provider) hold what worked last, ``without_tools`` the routes that took no tools.
    """

    barred: dict[str, str] = field(default_factory=dict)
    down: dict[str, float] = field(default_factory=dict)
    structured: dict[str, Structured] = field(default_factory=dict)
    apis: dict[str, ApiName] = field(default_factory=dict)
    without_tools: set[str] = field(default_factory=set)

    def gave_up(self, route: Route, failure: WireFailure, why: str, now: float) -> None:
        """Bars a refused key and a missing model for good, and remembers an outage for a while."""
        is_forbidden_model = failure.kind is WireKind.KEY_REFUSED and failure.details.status == _FORBIDDEN
        if failure.is_transient:
            self.down[route.name] = now
        elif failure.kind is WireKind.NOT_FOUND or is_forbidden_model:
            self.barred[route.name] = why
        elif failure.kind in _OF_PROVIDER:
            self.barred[route.provider.name] = why

    def answered(self, route: Route, request: StoredRequest) -> None:
        self.down.pop(route.name, None)
        if is_expressible(request.prompt.reply_schema):
            self.structured[route.name] = request.structured
        self.apis[route.provider.name] = request.api
        self._know_tools(route, request)

    def resumed(self, route: Route, request: StoredRequest) -> None:
        """Takes over what an earlier process had found out, as its last request shows."""
        if is_expressible(request.prompt.reply_schema):
            self.structured.setdefault(route.name, request.structured)
        if request.api in (route.provider.api, APIS[route.provider.api].stand_in):
            self.apis.setdefault(route.provider.name, request.api)
        self._know_tools(route, request)

    def why_barred(self, route: Route) -> str | None:
        return self.barred.get(route.provider.name) or self.barred.get(route.name)

    def was_down(self, route: Route, now: float) -> bool:
        return now - self.down.get(route.name, -_DOWN_S) < _DOWN_S

    def api_of(self, route: Route) -> ApiName:
        return self.apis.get(route.provider.name, route.provider.api)

    def has_tools(self, route: Route) -> bool:
        return route.name not in self.without_tools

    def _know_tools(self, route: Route, request: StoredRequest) -> None:
        if request.prompt.tools and not request.has_tools:
            self.without_tools.add(route.name)

    def structured_of(self, route: Route, prompt: Prompt) -> Structured:
        if route.provider.structured != "auto":
            return route.provider.structured
        is_refused = not APIS[route.provider.api].takes_open_schemas and not is_expressible(prompt.reply_schema)
        return "json" if is_refused else self.structured.get(route.name, "schema")


def simpler(route: Route, structured: Structured) -> Structured | None:
    """The next simpler way to ask for a JSON reply; None where there is none, or the configuration chose one."""
    return _SIMPLER.get(structured) if route.provider.structured == "auto" else None
