"""LlmService, the one way to ask a model anything. It journals, keeps budgets, retries, and buys nothing twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from autopack.core.call import Asking, CallState, Prompt, Reply
from autopack.core.clock import Clock
from autopack.core.errors import ProviderBlockedError
from autopack.core.models_settings import ModelsSettings, ProviderSettings
from autopack.core.redaction import Redactor
from autopack.core.settings import ProviderAccess
from autopack.llm.calls.ask_with_fallback import ask_with_fallback, is_of
from autopack.llm.calls.call_sender import CallSender
from autopack.llm.calls.connections import Connections
from autopack.llm.calls.embedding import embedding_prompt, vectors_in
from autopack.llm.calls.options import AskOptions, Question
from autopack.llm.calls.provider_health import ProviderHealth
from autopack.llm.calls.replay import Replay
from autopack.llm.calls.routing import by_quota
from autopack.llm.calls.stored_request import StoredRequest, prompt_sha256, redacted
from autopack.llm.providers.sdk_import import import_beside, sdk_module
from autopack.llm.providers.table import APIS
from autopack.store.call_records import CallError, CallRecord
from autopack.store.calls import CallJournal

_LOST = "the process that sent it ended before a reply came"


def import_sdk_beside(provider: ProviderSettings) -> None:
    """Begins to import, in a thread, what calls to this provider need: a second or more."""
    import_beside(APIS[provider.api].sdk)


def retirement(provider: ProviderSettings, model: str) -> str | None:
    """When the vendor retires that model, in its SDK's words; None where the SDK names no day."""
    sdk = APIS[provider.api].sdk
    return sdk.retiring(sdk_module(sdk)).get(model)


def counts_prompts(provider: ProviderSettings) -> bool:
    """Whether it says how many tokens a request has, before it is sent."""
    return APIS[provider.api].count_path is not None


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
        self,
        journal: CallJournal,
        settings: ModelsSettings,
        access: ProviderAccess,
        surroundings: Surroundings,
        replay: Replay | None = None,
    ) -> None:
        self._journal = journal
        self._retries = settings.retries
        self._quotas = settings.provider_quotas
        self._around = surroundings
        self._replay = replay
        self._health = ProviderHealth(settings.retries)
        self._known: set[str] = set()
        self._connections = Connections(access, settings.timeouts, surroundings.clock.now)
        self._sender = CallSender(journal, self._connections, self._health, surroundings.redactor, surroundings.clock, settings.timeouts)

    def ask(self, asking: Asking, question: int, render: Callable[[], Prompt], options: AskOptions) -> Reply:
        """The reply to the ``question``-th question of a role in an attempt.

        A question that was asked before is not rendered again: it gets its stored reply, or its stored request is sent once more.
        A cut or refused reply is a reply; the caller decides what follows.

        Raises:
            BudgetSpentError: the next call does not fit under a cap.
            InvalidInputError: a cap in dollars with no known price, or a base URL that is no address.
            ProviderBlockedError: no route of the chain can answer, and ``max_wait_s`` is spent.
        """
        records = self._journal.stored(asking, question)
        kept = next((record.reply for record in records if record.reply is not None), None)
        if kept is not None:
            return kept
        for record in records:
            if record.state is CallState.INTENT:
                self._journal.lose(record.id, CallError("interrupted", _LOST))
        resumed = StoredRequest.model_validate(records[-1].request) if records else None
        prompt = resumed.prompt if resumed else redacted(render(), self._around.redactor)
        reply = self._new_reply(Question(asking, question, prompt, options), records[-1] if records else None, resumed)
        options.on_reply(reply)
        return reply

    def embed(self, asking: Asking, texts: Sequence[str], options: AskOptions) -> list[tuple[float, ...]]:
        """A vector for each text, bought in one call. The same texts of the same asking are bought once.

        Raises as ``ask``, and ProviderBlockedError where the reply holds no such vectors.
        """
        prompt = redacted(embedding_prompt(texts), self._around.redactor)
        question = self._journal.question_of(asking, prompt_sha256(prompt))
        reply = self.ask(asking, question, lambda: prompt, replace(options, max_output=1))
        return vectors_in(reply, len(texts))

    def close(self) -> None:
        self._connections.close()
        self._journal.close()

    def _new_reply(self, question: Question, last: CallRecord | None, resumed: StoredRequest | None) -> Reply:
        if self._replay is not None:
            return self._replay.answer(self._journal, question, self._around.redactor, self._around.clock.now())
        self._learn(question.asking.run)
        question = replace(question, options=self._within_quotas(question.options))
        if last is not None and resumed is not None:
            question = replace(question, options=self._resuming(question.options, last, resumed))
        return ask_with_fallback(self._sender, question, self._retries, self._around.random, resumed)

    def _within_quotas(self, options: AskOptions) -> AskOptions:
        """Providers above the soft limit of their week come last; those at its end are not asked.

        Raises:
            ProviderBlockedError: nobody is left.
        """
        if not self._quotas:
            return options
        chain = by_quota(options.chain, self._quotas, self._journal.week_tokens())
        if not chain:
            names = ", ".join(sorted({route.provider.name for route in options.chain}))
            raise ProviderBlockedError(
                f"The week's tokens of {names} are used up (provider_quotas in models.yaml); raise them or resume later."
            )
        return replace(options, chain=chain)

    def _learn(self, run: str) -> None:
        if run not in self._known:
            self._known.add(run)
            self._health.learn(self._journal.ended(run), self._around.clock.now())

    def _resuming(self, options: AskOptions, last: CallRecord, request: StoredRequest) -> AskOptions:
        """Asks the same model first where the end of its request is unknown; after a definite refusal the chain begins anew."""
        for route in options.chain:
            if is_of(request, route):
                self._health.resumed(route, request)
        if last.state is CallState.FAILED:
            return options
        chain = tuple(sorted(options.chain, key=lambda route: not is_of(request, route)))
        return replace(options, chain=chain)
