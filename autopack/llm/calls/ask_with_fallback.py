"""Asks one question until there is a reply: again after a failure on the wire, then of the next model, then after a pause."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from autopack.core.call import Reply, Usage
from autopack.core.errors import InvalidInputError, ProviderBlockedError
from autopack.core.events import EventName
from autopack.core.settings import WireRetries
from autopack.llm.calls import retry_policy
from autopack.llm.calls.call_sender import CallSender, RequestFormat
from autopack.llm.calls.failure_sentences import duration, sentence
from autopack.llm.calls.options import Notice, Question
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
    """A question that has no reply yet. ``sentences`` says of each route why it was given up, ``let_down`` of the last one in an outage."""

    sender: CallSender
    question: Question
    retries: WireRetries
    random: Callable[[], float]
    resumed: StoredRequest | None = None
    waited_s: float = 0.0
    sentences: dict[str, str] = field(default_factory=dict)
    is_outage: bool = False
    let_down: str | None = None
    is_told: bool = False

    def reply(self) -> Reply:
        rounds = 0
        while True:
            reply = self._ask_in_turn(self._open_routes())
            if reply is not None:
                return reply
            wait = retry_policy.outage_pause(rounds, self._patience_s) if self.is_outage else 0.0
            if wait <= 0:
                self._tell_given_up()
                raise ProviderBlockedError(self._all_failed())
            self._wait(wait, is_long=True)
            rounds += 1

    def _ask_in_turn(self, routes: tuple[Route, ...]) -> Reply | None:
        for index, route in enumerate(routes):
            others = routes[index + 1 :]
            reply = self._ask(route, has_next=bool(others))
            if reply is not None:
                return reply
            if others:
                self._tell_given_up()
                self._tell(EventName.FALLBACK, **{"from": route.name, "to": others[0].name, "because": self.sentences[route.name]})
        return None

    def _ask(self, route: Route, *, has_next: bool) -> Reply | None:
        """None where the route was given up; its sentence says why. A route that was down a while ago gets one try, not all of them."""
        tried = self.retries.times if has_next and self.sender.health.was_down(route, self.sender.clock.now()) else 0
        while True:
            try:
                return self._stepping_down(route)
            except WireFailure as failure:
                tried += 1
                self._tell(EventName.WIRE_FAILURE, model=route.name, kind=failure.kind.value, message=failure.message, tried=tried)
                step = retry_policy.next_step(
                    failure, retry_policy.Situation(tried, has_next, self._patience_s, self.random()), self.retries
                )
                if not isinstance(step, retry_policy.Retry):
                    self._give_up(route, failure)
                    return None
                tried -= step.is_long
            self._wait(step.wait_s, is_long=step.is_long)

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
        barred = {route.name: why for route in chain if (why := self.sender.health.why_barred(route)) is not None}
        self.sentences.update(barred)
        return tuple(route for route in chain if route.name not in barred)

    def _give_up(self, route: Route, failure: WireFailure) -> None:
        why = sentence(route, failure)
        self.sentences[route.name] = why
        if failure.is_transient and failure.kind is not WireKind.RATE_LIMITED:
            self.let_down = why
        self.is_outage = self.is_outage or (failure.is_transient and self._may_end_in_time(failure))
        self.sender.health.gave_up(route, failure, why, self.sender.clock.now())

    def _tell_given_up(self) -> None:
        """Once a question: what is told counts against the health budget, unlike a limit of the rate, a failed try and a wait."""
        if self.let_down is not None and not self.is_told:
            self.is_told = True
            self._tell(EventName.PROVIDER_GIVEN_UP, message=self.let_down)

    def _may_end_in_time(self, failure: WireFailure) -> bool:
        return (failure.details.retry_after_s or 0.0) <= self._patience_s

    @property
    def _patience_s(self) -> float:
        return max(self.question.options.max_wait_s - self.waited_s, 0.0)

    def _wait(self, seconds: float, *, is_long: bool) -> None:
        """Waits in slices, so that ``on_progress`` can end it. Time that the machine slept through counts as waited."""
        until = self.sender.clock.now() + seconds
        self._tell(EventName.WIRE_WAIT, seconds=round(seconds, 3), until=until, is_long=is_long)
        self.waited_s += seconds if is_long else 0.0
        for _slice in range(math.ceil(seconds / _SLICE_S)):
            left = until - self.sender.clock.now()
            if left <= 0:
                break
            self.sender.clock.sleep(min(left, _SLICE_S))
            self.question.options.on_progress(0)

    def _all_failed(self) -> str:
        waited = f" (waited {duration(self.waited_s)})" if self.waited_s else ""
        return f"No provider can answer{waited}: {'. '.join(dict.fromkeys(self.sentences.values()))}."

    def _tell(self, event: EventName, **data: object) -> None:
        self.question.options.on_notice(Notice(event, data))


def _no_price(route: Route) -> str:
    return f"{route.name} has no known price, so it is not asked under a cap in dollars"


def _refusal(routes: Iterable[Route]) -> str:
    names = ", ".join(route.name for route in routes)
    advice = "Give the model's usd_per_mtok in models.yaml, or cap tokens (--max-tokens)."
    return f"A cap in dollars cannot be kept: no price is known for {names}. {advice}"
