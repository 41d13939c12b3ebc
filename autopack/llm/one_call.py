"""One request on the wire: its intent is written down, it is sent, and what came of it is written down before it is read for meaning."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from autopack.core.call import Prompt, Reply, StopReason, Usage
from autopack.core.clock import Clock
from autopack.core.redaction import Redactor
from autopack.core.settings import Timeouts
from autopack.llm.attribution import attribution
from autopack.llm.known import Known
from autopack.llm.lines import Lines
from autopack.llm.options import Question
from autopack.llm.pricing import ceiling, price, prompt_tokens
from autopack.llm.providers.exchange import Exchange
from autopack.llm.providers.table import APIS
from autopack.llm.routing import Route
from autopack.llm.sent import SentRequest, prompt_sha256, schema_text
from autopack.llm.waiting import PendingReply
from autopack.llm.well_formed import well_formed
from autopack.llm.wire import ApiName, Arrived, Structured, WireFailure, WireKind, WireRequest
from autopack.store.calls import Bought, CallJournal, NewCall


@dataclass(frozen=True)
class Form:
    """How a request is put to a server."""

    api: ApiName
    structured: Structured
    max_output: int


@dataclass(frozen=True)
class _OpenCall:
    """One that the journal holds as intended."""

    id: int
    route: Route
    sent: SentRequest


_STOPS: Final[dict[WireKind, StopReason]] = {WireKind.TOO_LONG: StopReason.CONTEXT_EXCEEDED, WireKind.REFUSED: StopReason.REFUSAL}
"""Failures that are about the prompt, and so an answer to it."""


@dataclass(frozen=True)
class Desk:
    """Everything that calls are made with."""

    journal: CallJournal
    lines: Lines
    known: Known
    redactor: Redactor
    clock: Clock
    timeouts: Timeouts

    def make(self, question: Question, route: Route, form: Form) -> Reply:
        """The reply, journaled; that a prompt is declined, or too long for the model, is a reply that says so.

        Raises:
            WireFailure: no reply came; that is journaled too.
            BudgetSpentError, InvalidInputError: the call does not fit under a cap; nothing was sent.
        """
        sent = self._request(question, route, form)
        exchange = self._exchange(sent, route)
        call = _OpenCall(self._intend(question, route, sent), route, sent)
        question.options.on_sent(route)
        pending = PendingReply(exchange, self.timeouts, self.clock.monotonic)
        try:
            arrived = pending.wait(question.options.on_progress)
        except WireFailure as failure:
            return self._failed(call, failure, exchange.progress.characters)
        except BaseException:
            self._interrupted(call, pending.arrived)
            raise
        return self._settle(call, arrived)

    def _request(self, question: Question, route: Route, form: Form) -> SentRequest:
        return SentRequest(
            provider=route.provider.name,
            model=route.model,
            api=form.api,
            structured=form.structured,
            max_output=form.max_output,
            headers=dict(attribution(question.asking, route.provider, self.lines.connection(route))),
            prompt=question.prompt,
        )

    def _exchange(self, sent: SentRequest, route: Route) -> Exchange:
        is_vendor = self.lines.connection(route).is_vendor
        wire = WireRequest(sent.model, sent.prompt, sent.max_output, sent.structured, is_vendor)
        return self.lines.exchange(route, sent.api, APIS[sent.api].body(wire), sent.headers)

    def _intend(self, question: Question, route: Route, sent: SentRequest) -> int:
        request = sent.model_dump(mode="json")
        call = NewCall(question.asking, question.number, sent.provider, sent.model, request, prompt_sha256(sent.prompt))
        most = ceiling(route, sent.prompt, schema_text(sent.prompt), sent.max_output)
        return self.journal.intend(call, most, question.options.caps)

    def _settle(self, call: _OpenCall, arrived: Arrived) -> Reply:
        received, request_id = arrived
        sent, usage = call.sent, received.usage or _estimated(call.sent.prompt, len(received.text))
        reply = Reply(
            text=self.redactor.redact_exact(well_formed(received.text)),
            stop=received.stop,
            usage=usage,
            provider=sent.provider,
            requested_model=sent.model,
            answering_model=well_formed(received.model or sent.model),
            request_id=request_id,
            usd=price(call.route, usage),
            received_at=self.clock.now(),
        )
        self.journal.settle(call.id, reply, self.redactor.redact_exact(received.final))
        self.known.answered(call.route, sent)
        return reply

    def _failed(self, call: _OpenCall, failure: WireFailure, characters: int) -> Reply:
        """A prompt that was declined or is too long has its answer; a malformed reply costs what it was, and any other end is unknown."""
        message = self.redactor.redact(well_formed(failure.message))
        failure.message, failure.args = message, (message,)
        bought = Usage() if failure.is_definite else _estimated(call.sent.prompt, characters)
        if failure.kind in _STOPS:
            reply = self._answer(call, failure, bought)
            self.journal.settle(call.id, reply, {"error": message})
            return reply
        if failure.is_definite:
            self.journal.fail(call.id, failure.kind, message)
        elif failure.kind is WireKind.MALFORMED:
            self.journal.fail(call.id, failure.kind, message, Bought(bought, price(call.route, bought)))
        else:
            self.journal.lose(call.id, failure.kind, message)
        raise failure

    def _answer(self, call: _OpenCall, failure: WireFailure, bought: Usage) -> Reply:
        stop = _STOPS[failure.kind]
        return Reply(
            text=failure.message if stop is StopReason.REFUSAL else "",
            stop=stop,
            usage=bought,
            provider=call.sent.provider,
            requested_model=call.sent.model,
            answering_model=call.sent.model,
            usd=price(call.route, bought) if bought.total else Decimal(0),
            received_at=self.clock.now(),
        )

    def _interrupted(self, call: _OpenCall, arrived: Arrived | None) -> None:
        """A reply that came in the same instant is kept: it is paid for."""
        if arrived is None:
            self.journal.lose(call.id, "interrupted", "the wait for the reply was interrupted")
        else:
            self._settle(call, arrived)


def _estimated(prompt: Prompt, characters: int) -> Usage:
    """For servers that report no usage."""
    return Usage(input_tokens=prompt_tokens(prompt), output_tokens=math.ceil(characters / 3))
