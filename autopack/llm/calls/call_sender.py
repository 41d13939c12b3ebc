"""Sends one request: journals its intent, sends it, journals what came of it before anyone reads that for meaning."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from autopack.core.budget import Ceiling, overrun
from autopack.core.call import Prompt, Reply, StopReason, ToolCall, Usage
from autopack.core.clock import Clock
from autopack.core.errors import BudgetSpentError
from autopack.core.events import EventName
from autopack.core.models_settings import Timeouts
from autopack.core.providers import ApiName
from autopack.core.redaction import Redactor
from autopack.core.token_count import estimated_tokens
from autopack.llm.calls.connections import Connections
from autopack.llm.calls.options import AskOptions, Notice, Question
from autopack.llm.calls.pricing import ceiling, counted_ceiling, price, prompt_tokens
from autopack.llm.calls.provider_health import ProviderHealth
from autopack.llm.calls.routing import Route
from autopack.llm.calls.stored_request import StoredRequest, attribution, prompt_sha256, schema_text, well_formed
from autopack.llm.calls.tool_turns import answer_of, on_the_wire
from autopack.llm.calls.waiting import PendingReply
from autopack.llm.providers.table import APIS
from autopack.llm.wire import Arrived, Json, Received, Structured, WireFailure, WireKind, WireRequest
from autopack.store.call_records import Bought, CallError, NewCall
from autopack.store.calls import CallJournal


@dataclass(frozen=True)
class RequestFormat:
    """How a question is put to a server."""

    api: ApiName
    structured: Structured
    max_output: int
    has_tools: bool = True


@dataclass(frozen=True)
class _OpenCall:
    """A call that the journal holds as intended."""

    id: int
    route: Route
    request: StoredRequest
    ceiling: Ceiling


_STOPS: Final[dict[WireKind, StopReason]] = {WireKind.TOO_LONG: StopReason.CONTEXT_EXCEEDED, WireKind.REFUSED: StopReason.REFUSAL}
"""Failures that are an answer to the prompt."""


@dataclass(frozen=True)
class CallSender:
    """Sends requests and journals them."""

    journal: CallJournal
    connections: Connections
    health: ProviderHealth
    redactor: Redactor
    clock: Clock
    timeouts: Timeouts

    def send(self, question: Question, route: Route, how: RequestFormat) -> Reply:
        """The reply, journaled. A prompt that is declined or too long for the model gets a reply that says so.

        Raises:
            WireFailure: no reply came; the journal says why.
            BudgetSpentError, InvalidInputError: the call does not fit under a cap, or more was reported than it could cost.
        """
        request = self._request(question, route, how)
        body = self._body(request, route)
        exchange = self.connections.exchange(route, request.api, body, request.headers)
        call = self._intend(question, route, request, body)
        question.options.on_sent(route)
        pending = PendingReply(exchange, self.timeouts, self.clock.monotonic)
        outcome: Arrived | WireFailure | None = None
        try:
            outcome = pending.wait(question.options.on_progress)
        finally:
            if outcome is None:
                self._interrupted(call, pending.arrived)
        if isinstance(outcome, WireFailure):
            return self._failed(call, outcome, exchange.progress.characters)
        reply = self._settle(call, outcome)
        _judge_overrun(call, reply, question.options)
        return reply

    def _request(self, question: Question, route: Route, how: RequestFormat) -> StoredRequest:
        return StoredRequest(
            provider=route.provider.name,
            model=route.model,
            api=how.api,
            structured=how.structured,
            max_output=how.max_output,
            has_tools=how.has_tools,
            headers=dict(attribution(question.asking, route.provider, self.connections.connection(route))),
            prompt=question.prompt,
        )

    def _body(self, request: StoredRequest, route: Route) -> Json:
        is_vendor = self.connections.connection(route).is_vendor
        wire = WireRequest(request.model, on_the_wire(request), request.max_output, request.structured, is_vendor)
        return APIS[request.api].body(wire)

    def _intend(self, question: Question, route: Route, request: StoredRequest, body: Json) -> _OpenCall:
        """Where the generous estimate does not fit under a cap, the provider is asked to count."""
        factor = self.journal.counted(request.provider, request.model).factor
        most = ceiling(route, request.prompt, schema_text(request.prompt), request.max_output, factor)
        try:
            return _OpenCall(self._journaled(question, request, most), route, request, most)
        except BudgetSpentError:
            counted = self.connections.count(route, request.api, body, request.headers)
            if counted is None:
                raise
            most = counted_ceiling(route, counted, request.max_output)
            return _OpenCall(self._journaled(question, request, most), route, request, most)

    def _journaled(self, question: Question, request: StoredRequest, most: Ceiling) -> int:
        stored = request.model_dump(mode="json")
        estimated = estimated_tokens((schema_text(request.prompt), *request.prompt.texts))
        sha256 = prompt_sha256(request.prompt)
        call = NewCall(question.asking, question.number, request.provider, request.model, stored, sha256, estimated)
        return self.journal.intend(call, most, question.options.caps)

    def _settle(self, call: _OpenCall, arrived: Arrived) -> Reply:
        received, request_id = arrived
        request, usage = call.request, received.usage or _estimated(call.request.prompt, _characters(received))
        text, calls = answer_of(received, on_the_wire(request))
        reply = Reply(
            text=self._clean(text),
            calls=tuple(ToolCall(name=self._clean(one.name), arguments=self._clean(one.arguments)) for one in calls),
            stop=received.stop,
            usage=usage,
            provider=request.provider,
            requested_model=request.model,
            answering_model=well_formed(received.model or request.model),
            request_id=request_id,
            usd=price(call.route, usage),
            received_at=self.clock.now(),
        )
        self.journal.settle(call.id, reply, self.redactor.redact_exact(received.final), is_counted=received.usage is not None)
        self.health.answered(call.route, request)
        return reply

    def _clean(self, text: str) -> str:
        cleaned: str = self.redactor.redact_exact(well_formed(text))
        return cleaned

    def _failed(self, call: _OpenCall, failure: WireFailure, characters: int) -> Reply:
        """Journals the failure. A declined or too long prompt gets a reply; a malformed reply is charged as far as it came."""
        message = self.redactor.redact(well_formed(failure.message))
        failure.message, failure.args = message, (message,)
        bought = Usage() if failure.is_definite else _estimated(call.request.prompt, characters)
        if failure.kind in _STOPS:
            reply = self._answer(call, failure, bought)
            self.journal.settle(call.id, reply, {"error": message}, is_counted=False)
            return reply
        error = CallError(failure.kind, message, failure.details.retry_after_s)
        if failure.is_definite:
            self.journal.fail(call.id, error)
        elif failure.kind is WireKind.MALFORMED:
            self.journal.fail(call.id, error, Bought(bought, price(call.route, bought)))
        else:
            self.journal.lose(call.id, error)
        raise failure

    def _answer(self, call: _OpenCall, failure: WireFailure, bought: Usage) -> Reply:
        stop = _STOPS[failure.kind]
        return Reply(
            text=failure.message if stop is StopReason.REFUSAL else "",
            stop=stop,
            usage=bought,
            provider=call.request.provider,
            requested_model=call.request.model,
            answering_model=call.request.model,
            usd=price(call.route, bought) if bought.total else Decimal(0),
            received_at=self.clock.now(),
        )

    def _interrupted(self, call: _OpenCall, arrived: Arrived | None) -> None:
        """Keeps a reply that came in the same instant: it is paid for."""
        if arrived is None:
            self.journal.lose(call.id, CallError("interrupted", "the wait for the reply was interrupted"))
        else:
            self._settle(call, arrived)


def _judge_overrun(call: _OpenCall, reply: Reply, options: AskOptions) -> None:
    """Raises BudgetSpentError where more was reported than was reserved, so that no cap can be kept with this provider."""
    why = overrun(call.ceiling, Ceiling(tokens=reply.usage.total, usd=reply.usd), options.caps)
    if why is not None:
        options.on_notice(Notice(EventName.OVERRUN, {"model": call.route.name, "message": why}))
        raise BudgetSpentError("overrun", why)


def _characters(received: Received) -> int:
    return len(received.text) + sum(len(call.arguments) for call in received.calls)


def _estimated(prompt: Prompt, characters: int) -> Usage:
    """The usage where a server reports none."""
    return Usage(input_tokens=prompt_tokens(prompt), output_tokens=math.ceil(characters / 3))
