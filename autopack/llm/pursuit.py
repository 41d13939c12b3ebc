"""One question, asked until there is a reply: again after a failure on the wire, then of the next model, then after a pause."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from autopack.core.call import Reply, Usage
from autopack.core.errors import InvalidInputError, ProviderBlockedError
from autopack.core.settings import WireRetries
from autopack.llm import retrying
from autopack.llm.known import below
from autopack.llm.one_call import Desk, Form
from autopack.llm.options import Notice, Question
from autopack.llm.pricing import price
from autopack.llm.providers.table import STANDS_IN
from autopack.llm.routing import Route
from autopack.llm.sent import SentRequest
from autopack.llm.sentences import duration, sentence
from autopack.llm.wire import ApiName, Structured, WireFailure, WireKind

_NO_SUCH_MODEL: Final = "model_not_found"
_SLICE_S: Final = 1.0


@dataclass
class Pursuit:
    """``resumed`` is the request that an earlier process sent for this question; ``random`` gives numbers in 0..1."""

    desk: Desk
    question: Question
    retries: WireRetries
    random: Callable[[], float]
    resumed: SentRequest | None = None
    waited_s: float = 0.0
    sentences: dict[str, str] = field(default_factory=dict)
    is_outage: bool = False

    def reply(self) -> Reply:
        """Raises ProviderBlockedError once every route failed and patience is at its end."""
        rounds = 0
        while True:
            reply = self._ask_in_turn(self._open_routes())
            if reply is not None:
                return reply
            wait = retrying.pause(rounds, self._patience_s) if self.is_outage else 0.0
            if wait <= 0:
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
                self._tell("fallback", **{"from": route.name, "to": others[0].name, "because": self.sentences[route.name]})
        return None

    def _ask(self, route: Route, *, has_next: bool) -> Reply | None:
        """None where the route was given up; its sentence says why. One that was down a while ago gets one try, not all of them."""
        tried = self.retries.times if has_next and self.desk.known.was_down(route, self.desk.clock.now()) else 0
        while True:
            try:
                return self._stepping_down(route)
            except WireFailure as failure:
                tried += 1
                self._tell("wire_failure", model=route.name, kind=failure.kind.value, message=failure.message, tried=tried)
                step = retrying.after(failure, retrying.Situation(tried, has_next, self._patience_s, self.random()), self.retries)
                if not isinstance(step, retrying.Again):
                    self._give_up(route, failure)
                    return None
                tried -= step.is_long
            self._wait(step.wait_s, is_long=step.is_long)

    def _stepping_down(self, route: Route) -> Reply:
        """The reply, asked for in the simplest form that the server turned out to need."""
        form, first_refusal = self._form(route), None
        while True:
            try:
                return self.desk.make(self.question, route, form)
            except WireFailure as failure:
                first_refusal = first_refusal or failure
                simpler = self._simpler(route, form, failure)
                if simpler is None:
                    raise (first_refusal if failure.kind is WireKind.BAD_REQUEST else failure) from failure
            self._tell(
                "stepped_down", model=route.name, **{"from": f"{form.api}/{form.structured}", "to": f"{simpler.api}/{simpler.structured}"}
            )
            form = simpler

    def _simpler(self, route: Route, form: Form, failure: WireFailure) -> Form | None:
        if failure.kind is WireKind.BAD_REQUEST and (structured := below(route, form.structured)) is not None:
            return Form(form.api, structured, form.max_output)
        stand_in = STANDS_IN.get(form.api)
        is_unknown_path = failure.kind is WireKind.NOT_FOUND and failure.details.code != _NO_SUCH_MODEL
        if is_unknown_path and stand_in is not None and not self.desk.lines.connection(route).is_vendor:
            return Form(stand_in, form.structured, form.max_output)
        return None

    def _form(self, route: Route) -> Form:
        known, prompt = self.desk.known, self.question.prompt
        api: ApiName = known.api(route)
        structured: Structured = known.form(route, prompt)
        if self.resumed is not None and is_of(self.resumed, route):
            return Form(api, structured, self.resumed.max_output)
        return Form(api, structured, min(self.question.options.max_output or route.limits.max_output, route.limits.max_output))

    def _open_routes(self) -> tuple[Route, ...]:
        """The chain without what is barred and, under a cap in dollars, without what has no known price."""
        chain = self.question.options.chain
        if self.question.options.caps.has_usd:
            unpriced = [route for route in chain if price(route, Usage(input_tokens=1, output_tokens=1)) is None]
            self.sentences.update({route.name: _no_price(route) for route in unpriced})
            if len(unpriced) == len(chain):
                raise InvalidInputError(_refusal(unpriced))
            chain = tuple(route for route in chain if route not in unpriced)
        barred = {route.name: why for route in chain if (why := self.desk.known.why_barred(route)) is not None}
        self.sentences.update(barred)
        return tuple(route for route in chain if route.name not in barred)

    def _give_up(self, route: Route, failure: WireFailure) -> None:
        why = sentence(route, failure)
        self.sentences[route.name] = why
        self.is_outage = self.is_outage or (failure.is_transient and self._may_end_in_time(failure))
        self.desk.known.gave_up(route, failure, why, self.desk.clock.now())

    def _may_end_in_time(self, failure: WireFailure) -> bool:
        return (failure.details.retry_after_s or 0.0) <= self._patience_s

    @property
    def _patience_s(self) -> float:
        return max(self.question.options.max_wait_s - self.waited_s, 0.0)

    def _wait(self, seconds: float, *, is_long: bool) -> None:
        """In slices, so that whoever watches can end it; the time a sleeping machine lost is not waited again."""
        until = self.desk.clock.now() + seconds
        self._tell("wire_wait", seconds=round(seconds, 3), until=until, is_long=is_long)
        self.waited_s += seconds if is_long else 0.0
        for _slice in range(math.ceil(seconds / _SLICE_S)):
            left = until - self.desk.clock.now()
            if left <= 0:
                break
            self.desk.clock.sleep(min(left, _SLICE_S))
            self.question.options.on_progress(0)

    def _all_failed(self) -> str:
        waited = f" (waited {duration(self.waited_s)})" if self.waited_s else ""
        return f"No provider can answer{waited}: {'. '.join(dict.fromkeys(self.sentences.values()))}."

    def _tell(self, event: str, **data: object) -> None:
        self.question.options.on_notice(Notice(event, data))


def is_of(sent: SentRequest, route: Route) -> bool:
    return (sent.provider, sent.model) == (route.provider.name, route.model)


def _no_price(route: Route) -> str:
    return f"{route.name} has no known price, so it is not asked under a cap in dollars"


def _refusal(routes: Iterable[Route]) -> str:
    names = ", ".join(route.name for route in routes)
    advice = "Give the model's usd_per_mtok in models.yaml, or cap tokens (--max-tokens)."
    return f"A cap in dollars cannot be kept: no price is known for {names}. {advice}"
