"""Answers questions from an exported journal: nothing is sent, nothing is bought."""

from dataclasses import dataclass
from decimal import Decimal

from autopack.core.call import Reply, ToolCall
from autopack.core.errors import InvalidInputError
from autopack.core.events import EventName
from autopack.core.redaction import Redactor
from autopack.llm.calls.journal_file import JournalCall, ReplayJournal
from autopack.llm.calls.options import Notice, Question
from autopack.llm.calls.stored_request import prompt_sha256
from autopack.store.call_records import NewCall
from autopack.store.calls import CallJournal


@dataclass(frozen=True)
class Replay:
    """``is_strict`` makes a prompt that differs from the recorded one an error instead of an event."""

    journal: ReplayJournal
    is_strict: bool = False

    def answer(self, calls: CallJournal, question: Question, redactor: Redactor, now: float) -> Reply:
        """Journals the recorded reply as a replayed call and returns it, without the keys of this machine.

        Raises:
            InvalidInputError: the journal holds no such reply, or the prompt differs and ``is_strict``.
        """
        found = self._find(question)
        digest = prompt_sha256(question.prompt)
        if found.request_sha256 not in (None, digest):
            self._drifted(question)
        reply = _reply(found, redactor, now)
        request = {"replayed_from": self.journal.name, "prompt": question.prompt.model_dump(mode="json")}
        calls.replayed(NewCall(question.asking, question.number, reply.provider, reply.requested_model, request, digest), reply)
        return reply

    def _find(self, question: Question) -> JournalCall:
        asking = question.asking
        found = self.journal.call(asking.phase, asking.attempt, asking.role, question.number)
        if found is None:
            what = f"reply {question.number} of the {asking.role} in attempt {asking.attempt} of phase '{asking.phase}'"
            why = "this run took another way than the recorded one: a check decided otherwise, or the journal is of another plan"
            raise InvalidInputError(f"{self.journal.name}: the journal holds no {what}; {why}.")
        return found

    def _drifted(self, question: Question) -> None:
        asking = question.asking
        where = f"the {asking.role} in attempt {asking.attempt} of phase '{asking.phase}' is asked something else than was recorded"
        if self.is_strict:
            raise InvalidInputError(f"{self.journal.name}: {where}; without --replay-strict the recorded reply is used all the same.")
        question.options.on_notice(
            Notice(EventName.REPLAY_DRIFT, {"role": asking.role.value, "question": question.number, "message": where})
        )


def _reply(found: JournalCall, redactor: Redactor, now: float) -> Reply:
    kept = found.reply
    return Reply(
        text=redactor.redact_exact(kept.text),
        calls=tuple(ToolCall(name=call.name, arguments=redactor.redact_exact(call.arguments)) for call in kept.calls),
        stop=kept.stop,
        usage=kept.usage,
        provider=kept.provider,
        requested_model=kept.requested_model,
        answering_model=kept.answering_model,
        request_id=kept.request_id,
        usd=Decimal(0),
        received_at=kept.received_at if kept.received_at is not None else now,
        is_replayed=True,
    )
