"""LlmService: the one way to ask a model anything. Journaled, budgeted, asked again where it failed, never bought twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from autopack.core.call import Asking, CallState, Prompt, Reply
from autopack.core.clock import Clock
from autopack.core.redaction import Redactor
from autopack.core.settings import ModelsSettings
from autopack.llm.known import Known
from autopack.llm.lines import Lines
from autopack.llm.one_call import Desk
from autopack.llm.options import AskOptions, Question
from autopack.llm.providers.connection import Reach
from autopack.llm.providers.replay import Replay
from autopack.llm.pursuit import Pursuit, is_of
from autopack.llm.sent import SentRequest, redacted
from autopack.store.calls import CallJournal, CallRecord

_LOST = "the process that sent it ended before a reply came"


@dataclass(frozen=True)
class Surroundings:
    """Time, chance and secrets, as arguments. ``random`` gives numbers in 0..1."""

    clock: Clock
    random: Callable[[], float]
    redactor: Redactor


class LlmService:
    """Asks models over the wire, or, with ``replay``, answers from an exported journal.

    Safe to use from several threads, each with questions of its own. Close it at the end.
    """

    def __init__(
        self, journal: CallJournal, settings: ModelsSettings, reach: Reach, surroundings: Surroundings, replay: Replay | None = None
    ) -> None:
        self._journal = journal
        self._retries = settings.retries
        self._around = surroundings
        self._replay = replay
        self._known = Known()
        self._lines = Lines(reach, settings.timeouts, surroundings.clock.now)
        self._desk = Desk(journal, self._lines, self._known, surroundings.redactor, surroundings.clock, settings.timeouts)

    def ask(self, asking: Asking, question: int, render: Callable[[], Prompt], options: AskOptions) -> Reply:
        """The reply to the ``question``-th question of a role in an attempt.

        A question that was asked before is not rendered again: its stored reply is given, or its stored request is sent once more.
        Cut and refused replies are replies; the caller decides what follows.

        Raises:
            BudgetSpentError: the next call does not fit under a cap.
            InvalidInputError: a cap in dollars with no known price, or a base URL that is none.
            ProviderBlockedError: no route of the chain can answer, and ``max_wait_s`` is spent.
        """
        records = self._journal.stored(asking, question)
        kept = next((record.reply for record in records if record.reply is not None), None)
        if kept is not None:
            return kept
        for record in records:
            if record.state is CallState.INTENT:
                self._journal.lose(record.id, "interrupted", _LOST)
        resumed = SentRequest.model_validate(records[-1].request) if records else None
        prompt = resumed.prompt if resumed else redacted(render(), self._around.redactor)
        reply = self._new_reply(Question(asking, question, prompt, options), records[-1] if records else None, resumed)
        options.on_reply(reply)
        return reply

    def close(self) -> None:
        self._lines.close()

    def _new_reply(self, question: Question, last: CallRecord | None, resumed: SentRequest | None) -> Reply:
        if self._replay is not None:
            return self._replay.answer(self._journal, question, self._around.redactor, self._around.clock.now())
        if last is not None and resumed is not None:
            question = replace(question, options=self._resuming(question.options, last, resumed))
        return Pursuit(self._desk, question, self._retries, self._around.random, resumed).reply()

    def _resuming(self, options: AskOptions, last: CallRecord, sent: SentRequest) -> AskOptions:
        """A request whose end is unknown goes to the same model first; after a definite refusal the chain begins anew."""
        for route in options.chain:
            if is_of(sent, route):
                self._known.resumed(route, sent)
        if last.state is CallState.FAILED:
            return options
        chain = tuple(sorted(options.chain, key=lambda route: not is_of(sent, route)))
        return replace(options, chain=chain)
