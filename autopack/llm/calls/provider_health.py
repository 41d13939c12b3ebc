"""Remembers which providers are barred, which are down, and which formats and APIs worked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from autopack.core.call import CallState, Prompt
from autopack.core.models_settings import WireRetries
from autopack.core.providers import ApiName
from autopack.llm.calls.circuit import OF_MODEL, Circuit, Failing, after, half_open
from autopack.llm.calls.routing import Route
from autopack.llm.calls.stored_request import StoredRequest
from autopack.llm.providers.reply_schema import is_expressible
from autopack.llm.providers.table import APIS
from autopack.llm.wire import TRANSIENT, FailureDetails, Structured, WireFailure, WireKind
from autopack.store.call_records import EndedCall

_OF_PROVIDER: Final = frozenset({WireKind.KEY_REFUSED, WireKind.QUOTA, WireKind.MISCONFIGURED})
_SIMPLER: Final[dict[Structured, Structured]] = {"schema": "tool", "tool": "json"}
_FORBIDDEN: Final = 403


@dataclass
class ProviderHealth:
    """``barred`` holds the reason, by provider or by route; ``circuits`` what is failing, by the same names.

    ``structured`` (by route) and ``apis`` (by provider and the API that it is said to speak) hold what worked last, ``without_tools`` the
    routes that took no tools.
    """

    retries: WireRetries
    barred: dict[str, str] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    structured: dict[str, Structured] = field(default_factory=dict)
    apis: dict[tuple[str, ApiName], ApiName] = field(default_factory=dict)
    without_tools: set[str] = field(default_factory=set)

    def learn(self, calls: Iterable[EndedCall], now: float) -> None:
        """Takes over what earlier starts of a run found out. Where no date was named, this start may ask once at once."""
        for call in calls:
            if call.state is CallState.REPLIED:
                self._close(call.provider, call.model)
            elif call.error_kind in TRANSIENT:
                asked = None if call.retry_at is None else call.retry_at - call.ended_at
                details = FailureDetails(retry_after_s=asked)
                failure = WireFailure(WireKind(call.error_kind), call.error, is_definite=True, details=details)
                self._failed(call.provider, Failing(call.model, failure, call.ended_at, call.retry_at))
        for name, circuit in self.circuits.items():
            self.circuits[name] = circuit if circuit.is_dated else half_open(circuit, now)

    def failed(self, route: Route, failure: WireFailure, now: float) -> int:
        """How often in a row it has failed with this time. Only failures that may pass count."""
        if not failure.is_transient:
            return 1
        asked = failure.details.retry_after_s
        return self._failed(route.provider.name, Failing(route.model, failure, now, None if asked is None else now + asked)).failures

    def circuit(self, route: Route, now: float) -> Circuit | None:
        """The one that stands in the way longest; None where nothing failed."""
        found = [self.circuits[name] for name in (route.provider.name, route.name) if name in self.circuits]
        return max(found, key=lambda one: (one.is_open(now), one.until or 0.0), default=None)

    def half_open(self, route: Route, now: float) -> None:
        """Patience is at its end: the next question is a probe, unless the provider named a date."""
        for name in (route.provider.name, route.name):
            if name in self.circuits and not self.circuits[name].is_dated:
                self.circuits[name] = half_open(self.circuits[name], now)

    def gave_up(self, route: Route, failure: WireFailure, why: str) -> None:
        """Bars a refused key and a missing model for good."""
        is_forbidden_model = failure.kind is WireKind.KEY_REFUSED and failure.details.status == _FORBIDDEN
        if failure.kind is WireKind.NOT_FOUND or is_forbidden_model:
            self.barred[route.name] = why
        elif failure.kind in _OF_PROVIDER:
            self.barred[route.provider.name] = why

    def answered(self, route: Route, request: StoredRequest) -> None:
        self._close(route.provider.name, route.model)
        if is_expressible(request.prompt.reply_schema):
            self.structured[route.name] = request.structured
        self.apis[route.provider.name, route.provider.api] = request.api
        self._know_tools(route, request)

    def resumed(self, route: Route, request: StoredRequest) -> None:
        """Takes over what an earlier process had found out, as its last request shows."""
        if is_expressible(request.prompt.reply_schema):
            self.structured.setdefault(route.name, request.structured)
        if request.api in (route.provider.api, APIS[route.provider.api].stand_in):
            self.apis.setdefault((route.provider.name, route.provider.api), request.api)
        self._know_tools(route, request)

    def why_barred(self, route: Route) -> str | None:
        return self.barred.get(route.provider.name) or self.barred.get(route.name)

    def api_of(self, route: Route) -> ApiName:
        return self.apis.get((route.provider.name, route.provider.api), route.provider.api)

    def has_tools(self, route: Route) -> bool:
        return route.name not in self.without_tools

    def _failed(self, provider: str, failing: Failing) -> Circuit:
        name = f"{provider}/{failing.model}" if failing.failure.kind in OF_MODEL else provider
        found = self.circuits[name] = after(self.circuits.get(name), failing, self.retries)
        return found

    def _close(self, provider: str, model: str) -> None:
        self.circuits.pop(provider, None)
        self.circuits.pop(f"{provider}/{model}", None)

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
