"""What one service has learnt of its providers since it began: which are barred, which are down, which forms they do not take."""

from dataclasses import dataclass, field
from typing import Final

from autopack.core.call import Prompt
from autopack.llm.providers.reply_schema import is_expressible
from autopack.llm.providers.table import STANDS_IN
from autopack.llm.routing import Route
from autopack.llm.sent import SentRequest
from autopack.llm.wire import ApiName, Structured, WireFailure, WireKind

_OF_PROVIDER: Final = frozenset({WireKind.QUOTA, WireKind.MISCONFIGURED})
_BELOW: Final[dict[Structured, Structured]] = {"schema": "tool", "tool": "json"}
_DOWN_S: Final = 600.0
_FORBIDDEN: Final = 403


@dataclass
class Known:
    """``barred`` holds the sentence why, by provider or by route; ``down`` when a route was last given up."""

    barred: dict[str, str] = field(default_factory=dict)
    down: dict[str, float] = field(default_factory=dict)
    forms: dict[str, Structured] = field(default_factory=dict)
    apis: dict[str, ApiName] = field(default_factory=dict)

    def gave_up(self, route: Route, failure: WireFailure, why: str, now: float) -> None:
        """A refused key or a missing model stays so while this process lives; an outage is asked after again, but only once a time."""
        is_forbidden_model = failure.kind is WireKind.KEY_REFUSED and failure.details.status == _FORBIDDEN
        if failure.is_transient:
            self.down[route.name] = now
        elif failure.kind is WireKind.NOT_FOUND or is_forbidden_model:
            self.barred[route.name] = why
        elif failure.kind is WireKind.KEY_REFUSED or failure.kind in _OF_PROVIDER:
            self.barred[route.provider.name] = why

    def answered(self, route: Route, sent: SentRequest) -> None:
        self.down.pop(route.name, None)
        if is_expressible(sent.prompt.reply_schema):
            self.forms[route.name] = sent.structured
        self.apis[route.provider.name] = sent.api

    def resumed(self, route: Route, sent: SentRequest) -> None:
        """What an earlier process had found out, as its last request shows."""
        if is_expressible(sent.prompt.reply_schema):
            self.forms.setdefault(route.name, sent.structured)
        if sent.api in (route.provider.api, STANDS_IN.get(route.provider.api)):
            self.apis.setdefault(route.provider.name, sent.api)

    def why_barred(self, route: Route) -> str | None:
        return self.barred.get(route.provider.name) or self.barred.get(route.name)

    def was_down(self, route: Route, now: float) -> bool:
        return now - self.down.get(route.name, -_DOWN_S) < _DOWN_S

    def api(self, route: Route) -> ApiName:
        return self.apis.get(route.provider.name, route.provider.api)

    def form(self, route: Route, prompt: Prompt) -> Structured:
        if route.provider.structured != "auto":
            return route.provider.structured
        is_open = route.provider.api == "anthropic" and not is_expressible(prompt.reply_schema)
        return "json" if is_open else self.forms.get(route.name, "schema")


def below(route: Route, form: Structured) -> Structured | None:
    """The next simpler way to ask for a shape, where the provider leaves the choice to us."""
    return _BELOW.get(form) if route.provider.structured == "auto" else None
