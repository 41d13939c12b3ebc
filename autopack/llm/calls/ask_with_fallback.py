"""Asks one question until there is a reply: again after a failure on the wire, then of the next model, then after a long wait."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from autopack.core.call import Reply, Usage
from autopack.core.errors import InvalidInputError, ProviderBlockedError
from autopack.core.events import EventName
from autopack.core.models_settings import WireRetries
from autopack.llm.calls import retry_policy
from autopack.llm.calls.call_sender import CallSender, RequestFormat
from autopack.llm.calls.circuit import FIRST_PAUSE_S
from autopack.llm.calls.failure_sentences import duration, sentence
from autopack.llm.calls.options import LongWait, Notice, Question
from autopack.llm.calls.pricing import price
from autopack.llm.calls.provider_health import simpler
from autopack.llm.calls.routing import Route
from autopack.llm.calls.stored_request import StoredRequest
from autopack.llm.providers.table import APIS
from autopack.llm.wire import WireFailure, WireKind

_NO_SUCH_MODEL: Final = "model_not_found"
_SLICE_S: Final = 1.0


def ask_with_fallback(
    sender: CallSender, question: Question, retries: WireRetries, random: Callable[[], float], resumed: StoredRequest | None = None
) -> Reply:
    """``resumed`` is the request that an earlier process sent for this question; ``random`` gives numbers in 0..1.

    Raises:
        ProviderBlockedError: every route failed, and patience is at its end.
        InvalidInputError: there is a cap in dollars, and no route has a known price.
    """
    return _OpenQuestion(sender, question, retries, random, resumed).reply()


def is_of(request: StoredRequest, route: Route) -> bool:
    return (request.provider, request.model) == (route.provider.name, route.model)


@dataclass
class _OpenQuestion:
    """A question that has no reply yet.

    ``sentences`` says of each route why it is not asked now, ``down`` which of them may answer later. ``let_down``: why a provider was
    given up that was asked in vain as often as it may be. ``began``: when the first long wait did.
    """

    sender: CallSender
    question: Question
    retries: WireRetries
    random: Callable[[], float]
    resumed: StoredRequest | None = None
    began: float | None = None
    sentences: dict[str, str] = field(default_factory=dict)
    down: dict[str, Route] = field(default_factory=dict)
    let_down: str | None = None
    is_told: bool = False

    def __post_init__(self) -> None:
        self.began = self.question.options.patience.began

    def reply(self) -> Reply:
        while True:
            self.down.clear()
            reply = self._ask_in_turn(self._open_routes())
            if reply is not None:
                return reply
            until = self._worth_waiting_for()
            if until is None:
                self._tell_given_up()
                raise ProviderBlockedError(self._all_failed())
            self._wait_long(until)

    def _ask_in_turn(self, routes: tuple[Route, ...]) -> Reply | None:
        """A refused key bars the other models of its provider too, in the middle of the chain."""
        while routes:
            route, *others = routes
            reply = self._ask(route)
            if reply is not None:
                return reply
            routes = self._unbarred(others)
            if routes:
                self._tell_given_up()
                self._tell(EventName.FALLBACK, **{"from": route.name, "to": routes[0].name, "because": self.sentences[route.name]})
        return None

    def _ask(self, route: Route) -> Reply | None:
        """None where the route is not asked now, or was given up; its sentence says why. One that was down gets a probe, not all tries."""
        circuit = self.sender.health.circuit(route, self._now)
        if circuit is not None and circuit.is_open(self._now):
            self.sentences[route.name] = sentence(replace(route, model=circuit.model), circuit.failure)
            self.down[route.name] = route
            return None
        is_probe = circuit is not None and not circuit.is_closed
        while True:
            try:
                return self._stepping_down(route)
            except WireFailure as failure:
                tried = self.sender.health.failed(route, failure, self._now)
                self._tell(EventName.WIRE_FAILURE, model=route.name, kind=failure.kind.value, message=failure.message, tried=tried)
                step = retry_policy.next_step(failure, tried, self.random(), self.retries)
                if is_probe or isinstance(step, retry_policy.GiveWay):
                    self._give_up(route, failure, is_probe=is_probe)
                    return None
            self._wait(step.wait_s)

    def _stepping_down(self, route: Route) -> Reply:
        """The reply, in the simplest request format that the server turned out to need."""
        how, first_refusal = self._format(route), None
        while True:
            try:
                return self.sender.send(self.question, route, how)
            except WireFailure as failure:
                first_refusal = first_refusal or failure
                next_how = self._next_format(route, how, failure)
                if next_how is None:
                    raise (first_refusal if failure.kind is WireKind.BAD_REQUEST else failure) from failure
            self._tell(EventName.STEPPED_DOWN, model=route.name, **{"from": self._told(how), "to": self._told(next_how)})
            how = next_how

    def _told(self, how: RequestFormat) -> str:
        return f"{how.api}/{how.structured}{'/tools' if how.has_tools and self.question.prompt.tools else ''}"

    def _next_format(self, route: Route, how: RequestFormat, failure: WireFailure) -> RequestFormat | None:
        """A simpler format that may cure the failure."""
        if failure.kind is WireKind.BAD_REQUEST and (structured := simpler(route, how.structured)) is not None:
            return replace(how, structured=structured)
        if failure.kind is WireKind.BAD_REQUEST and how.has_tools and self.question.prompt.tools:
            return replace(self._format(route), api=how.api, has_tools=False)
        stand_in = APIS[how.api].stand_in
        is_unknown_path = failure.kind is WireKind.NOT_FOUND and failure.details.code != _NO_SUCH_MODEL
        if is_unknown_path and stand_in is not None and not self.sender.connections.connection(route).is_vendor:
            return replace(how, api=stand_in)
        return None

    def _format(self, route: Route) -> RequestFormat:
        health, own_limit = self.sender.health, route.limits.max_output
        max_output = min(self.question.options.max_output or own_limit, own_limit)
        if self.resumed is not None and is_of(self.resumed, route):
            max_output = self.resumed.max_output
        return RequestFormat(health.api_of(route), health.structured_of(route, self.question.prompt), max_output, health.has_tools(route))

    def _open_routes(self) -> tuple[Route, ...]:
        """The chain without barred routes and, under a cap in dollars, without routes that have no known price."""
        chain = self.question.options.chain
        if self.question.options.caps.has_usd:
            unpriced = [route for route in chain if price(route, Usage(input_tokens=1, output_tokens=1)) is None]
            self.sentences.update({route.name: _no_price(route) for route in unpriced})
            if len(unpriced) == len(chain):
                raise InvalidInputError(_refusal(unpriced))
            chain = tuple(route for route in chain if route not in unpriced)
        return self._unbarred(chain)

    def _unbarred(self, routes: Iterable[Route]) -> tuple[Route, ...]:
        barred = {route.name: self.sender.health.why_barred(route) for route in routes}
        self.sentences.update({name: why for name, why in barred.items() if why is not None})
        return tuple(route for route in routes if barred[route.name] is None)

    def _give_up(self, route: Route, failure: WireFailure, *, is_probe: bool) -> None:
        why = sentence(route, failure)
        self.sentences[route.name] = why
        if failure.is_transient:
            self.down[route.name] = route
        if failure.is_transient and failure.kind is not WireKind.RATE_LIMITED and not is_probe:
            self.let_down = why
        self.sender.health.gave_up(route, failure, why)
        if not is_probe:
            data = {"model": route.name, "kind": failure.kind.value, "message": why}
            self.question.options.on_notice(Notice(EventName.ROUTE_GIVEN_UP, data, failure))

    def _tell_given_up(self) -> None:
        """Once a question: what is told counts against the health budget, unlike a limit of the rate, a failed try, a probe and a wait."""
        if self.let_down is not None and not self.is_told:
            self.is_told = True
            self._tell(EventName.PROVIDER_GIVEN_UP, message=self.let_down)

    def _worth_waiting_for(self) -> float | None:
        """When somebody may be asked again; None where nobody may before patience ends. Without a date its end is a last chance."""
        end = (self._now if self.began is None else self.began) + self.question.options.patience.max_wait_s
        if end <= self._now:
            return None
        times = [self._next_time(route, end) for route in self.down.values()]
        return min((time for time in times if time <= end), default=None)

    def _next_time(self, route: Route, end: float) -> float:
        circuit = self.sender.health.circuit(route, self._now)
        if circuit is None or circuit.until is None:  # it said that asking again at once is no use
            return min(self._now + FIRST_PAUSE_S, end)
        return circuit.until if circuit.is_dated else min(circuit.until, end)

    def _wait_long(self, until: float) -> None:
        patience = self.question.options.patience
        self.began = self._now if self.began is None else self.began
        patience.on_begin(LongWait(until, self.began, self._all_failed()))
        self._sleep(until, patience.on_tick)
        patience.on_end()
        if self._now >= self.began + patience.max_wait_s:
            for route in self.down.values():
                self.sender.health.half_open(route, self._now)

    def _wait(self, seconds: float) -> None:
        until = self._now + seconds
        self._tell(EventName.WIRE_WAIT, seconds=round(seconds, 3), until=until)
        self._sleep(until, lambda: self.question.options.on_progress(0))

    def _sleep(self, until: float, tick: Callable[[], None]) -> None:
        """Waits in slices, so that ``tick`` can end it. Time that the machine slept through counts as waited."""
        for _slice in range(math.ceil((until - self._now) / _SLICE_S)):
            left = until - self._now
            if left <= 0:
                break
            self.sender.clock.sleep(min(left, _SLICE_S))
            tick()

    @property
    def _now(self) -> float:
        return self.sender.clock.now()

    def _all_failed(self) -> str:
        waited = f" (waited {duration(self._now - self.began)})" if self.began is not None else ""
        return f"No provider can answer{waited}: {'. '.join(dict.fromkeys(self.sentences.values()))}."

    def _tell(self, event: EventName, **data: object) -> None:
        self.question.options.on_notice(Notice(event, data))


def _no_price(route: Route) -> str:
    return f"{route.name} has no known price, so it is not asked under a cap in dollars"


def _refusal(routes: Iterable[Route]) -> str:
    names = ", ".join(route.name for route in routes)
    advice = "Give the model's usd_per_mtok in models.yaml, or cap tokens (--max-tokens)."
    return f"A cap in dollars cannot be kept: no price is known for {names}. {advice}"
