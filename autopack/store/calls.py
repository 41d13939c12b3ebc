"""Keeps the journal of model calls: writes each request before it is sent, each reply before anyone reads it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from autopack.core.budget import Caps, Ceiling, Spent, misfit
from autopack.core.call import Asking, CallState, Reply, Role
from autopack.core.cost import cost_of
from autopack.core.errors import BudgetSpentError, EnvironmentBlockedError, InvalidInputError
from autopack.core.token_count import Counted
from autopack.store.call_records import (
    LET_GO,
    NO_COST,
    Bought,
    CallColumns,
    CallError,
    CallRecord,
    EndedCall,
    NewCall,
    amount_text,
    cost_columns,
    pack,
    record_of,
    reply_columns,
)
from autopack.store.costs import OF_RUN, cost_lines
from autopack.store.database import Database
from autopack.store.ledger import Entry, Ledger
from autopack.store.tables import CallRow, core_table
from autopack.store.token_counts import counted

_TABLE: Final = core_table(CallRow)
_CALL: Final = _TABLE.c
_OF_ROLE: Final = (_CALL.run_id == bindparam("run"), _CALL.phase_id == bindparam("phase"), _CALL.role == bindparam("role"))
_OF_ASKING: Final = (*_OF_ROLE, _CALL.attempt == bindparam("attempt"))
_OF_QUESTION: Final = (*_OF_ASKING, _CALL.question == bindparam("question"))
_IS_REPLIED: Final = _CALL.state == CallState.REPLIED
_IS_KEPT: Final = _CALL.request_json != LET_GO
_STORED: Final = select(_TABLE).where(*_OF_QUESTION, _IS_KEPT).order_by(_CALL.ordinal)
_ASKED: Final = select(_CALL.request_sha256, _CALL.question).where(*_OF_ASKING)
_ANSWERERS: Final = select(_CALL.provider, _CALL.model).where(*_OF_QUESTION, _IS_REPLIED)
_TEXTS: Final = select(_CALL.attempt, _CALL.text).where(*_OF_ROLE, _IS_REPLIED).order_by(_CALL.ordinal)
_LAST: Final = select(_TABLE).where(*_OF_ASKING, _IS_KEPT).order_by(_CALL.ordinal.desc()).limit(1)
_IN_WORDS: Final = (_IS_REPLIED, _IS_KEPT, _CALL.role != Role.EMBEDDER)
_SPOKEN: Final = select(_CALL.id).where(_CALL.run_id == bindparam("run"), *_IN_WORDS).order_by(_CALL.id)
_ONE: Final = select(_TABLE).where(_CALL.id == bindparam("number"))
_HIGHEST: Final = select(func.max(_CALL.ordinal)).where(*_OF_ASKING)
_ENDED: Final = (
    select(_CALL.provider, _CALL.model, _CALL.state, _CALL.error_kind, _CALL.error, _CALL.ended_at, _CALL.retry_at)
    .where(_CALL.run_id == bindparam("run"), _CALL.ended_at.is_not(None), _CALL.is_replayed.is_(False))
    .order_by(_CALL.ended_at, _CALL.id)
)
_OF_ENTRY: Final = (
    *(_CALL.id, _CALL.run_id, _CALL.provider, _CALL.state, _CALL.sent_at, _CALL.ceiling_tokens, _CALL.ceiling_usd, _CALL.usd),
    *(_CALL.input_tokens, _CALL.output_tokens, _CALL.cache_read_tokens, _CALL.cache_write_tokens),
)
_ADD: Final = insert(_TABLE).returning(_CALL.id)
_END: Final = (
    update(_TABLE).where(_CALL.id == bindparam("of_call"), _CALL.state.in_(bindparam("before", expanding=True))).returning(*_OF_ENTRY)
)


class CallJournal:
    """The table of calls. Counters are derived from its rows."""

    def __init__(self, database: Database, now: Callable[[], float], ledger: Ledger | None = None) -> None:
        """``ledger`` is where the user's other repositories see what is spent here; whoever only reads needs none."""
        self._database = database
        self._now = now
        self.ledger = ledger

    def stored(self, asking: Asking, question: int) -> tuple[CallRecord, ...]:
        """Every call that was made for this question, in order, but for those that were let go."""
        return tuple(record_of(row) for row in self._database.rows(_STORED, **asking.model_dump(), question=question))

    def question_of(self, asking: Asking, request_sha256: str) -> int:
        """The number under which this was asked before, else the next one."""
        asked = {row.request_sha256: row.question for row in self._database.rows(_ASKED, **asking.model_dump())}
        return asked.get(request_sha256) or max(asked.values(), default=0) + 1

    def models(self, asking: Asking, question: int) -> frozenset[str]:
        """``provider/model`` of each that answered this question."""
        rows = self._database.rows(_ANSWERERS, **asking.model_dump(), question=question)
        return frozenset(f"{row.provider}/{row.model}" for row in rows)

    def last(self, asking: Asking) -> CallRecord | None:
        """The last call of that role in that attempt; None also where it was let go."""
        rows = self._database.rows(_LAST, **asking.model_dump())
        return record_of(rows[0]) if rows else None

    def last_texts(self, run: str, phase: str, role: Role) -> dict[int, str]:
        """Attempt -> the last reply of that role, as text; empty where it was let go."""
        return {row.attempt: row.text or "" for row in self._database.rows(_TEXTS, run=run, phase=phase, role=role)}

    def replies(self, run: str) -> Iterator[CallRecord]:
        """Every call of a run that was answered in words, in the order they were sent; one row is in memory at a time."""
        for (number,) in self._database.rows(_SPOKEN, run=run):
            yield from map(record_of, self._database.rows(_ONE, number=number))

    def ended(self, run: str) -> tuple[EndedCall, ...]:
        """How the calls of a run ended on the wire, in that order."""
        rows = self._database.rows(_ENDED, run=run)
        return tuple(
            EndedCall(row.provider, row.model, CallState(row.state), row.error_kind or "", row.error or "", row.ended_at, row.retry_at)
            for row in rows
        )

    def intend(self, call: NewCall, ceiling: Ceiling, caps: Caps) -> int:
        """Writes the request of a call that is about to be sent, if the call fits under the caps; gives its id.

        Raises:
            BudgetSpentError: it does not fit, here or with what the user's other repositories spend today; nothing was written.
            InvalidInputError: a cap in dollars cannot be kept since a price is not known; nothing was written.
        """
        values: CallColumns = {
            **NO_COST,
            "state": CallState.INTENT,
            "ceiling_tokens": ceiling.tokens,
            "ceiling_usd": amount_text(ceiling.usd),
            "estimated_tokens": call.estimated_tokens,
            "is_replayed": False,
            "sent_at": self._now(),
            "request_json": pack(call.request),
        }
        with self._database.write() as session:
            connection = session.connection()
            _refuse_misfit(connection, call.asking, ceiling, caps)
            number = _add(connection, call, values)
            if self.ledger is not None:
                entry = Entry(number, call.asking.run, call.provider, values["sent_at"], ceiling.tokens, ceiling.usd, is_held=True)
                self.ledger.reserve(entry, caps.day)
            return number

    def settle(self, call_id: int, reply: Reply, final_message: dict[str, Any], *, is_counted: bool = True) -> None:
        """Keeps a complete reply, also a late one of a call that counts as unknown: it was paid for.

        ``is_counted``: its usage is what the server reported, so that later estimates go by it.

        Raises:
            EnvironmentBlockedError: the disk is full; the spare file gave room for the reply, which is kept.
        """
        values: CallColumns = {**reply_columns(reply), "reply_json": pack(final_message), "error_kind": None, "error": None}
        if not is_counted:
            values["estimated_tokens"] = 0
        before = (CallState.INTENT, CallState.UNKNOWN)
        try:
            self._end(call_id, before, values)
        except EnvironmentBlockedError as error:
            if self._database.reserve.free_for(error):
                self._end(call_id, before, values)
            raise

    def fail(self, call_id: int, error: CallError, bought: Bought | None = None) -> None:
        """Records a definite end without a usable reply. ``bought`` is what the call cost; None: nothing."""
        costs = cost_columns(bought) if bought is not None else NO_COST
        self._end(call_id, (CallState.INTENT,), {**self._error(CallState.FAILED, error), **costs})

    def lose(self, call_id: int, error: CallError) -> None:
        """Records that nobody knows how the call ended: it counts at its ceiling from now on."""
        self._end(call_id, (CallState.INTENT,), self._error(CallState.UNKNOWN, error))

    def replayed(self, call: NewCall, reply: Reply) -> None:
        """Writes down a reply that came out of an exported journal."""
        values: CallColumns = {
            **reply_columns(reply),
            "ceiling_tokens": 0,
            "is_replayed": True,
            "sent_at": self._now(),
            "request_json": pack(call.request),
        }
        with self._database.write() as session:
            _add(session.connection(), call, values)

    def spent(self, run: str, phase: str | None = None) -> Spent:
        """What a run, or one phase of it, has cost so far."""
        with self._database.read() as session:
            return _spent(session.connection(), run, phase)[0 if phase is None else 1]

    def _error(self, state: CallState, error: CallError) -> CallColumns:
        retry_at = None if error.retry_after_s is None else self._now() + error.retry_after_s
        return {"state": state, "error_kind": error.kind, "error": error.message, "ended_at": self._now(), "retry_at": retry_at}

    def _end(self, call_id: int, before: tuple[CallState, ...], values: CallColumns) -> None:
        with self._database.write() as session:
            ended = session.connection().execute(_END, {**values, "of_call": call_id, "before": before}).all()
        if self.ledger is not None:
            for row in ended:
                self.ledger.settle(_entry(row))

    def enter(self, run: str) -> None:
        """Puts right what the ledger has of a run, after a start that may have been killed between the two files."""
        if self.ledger is not None:
            rows = self._database.rows(OF_RUN, of_run=run, since=0)
            self.ledger.reconcile(run, (_entry(row) for row in rows if not row.is_replayed))

    def counted(self, provider: str, model: str) -> Counted:
        """What the model's latest replies reported of their prompts."""
        return counted(self._database, provider, model)

    def week_tokens(self) -> dict[str, int]:
        """Provider -> its tokens of this week, over all repositories of the user."""
        return {} if self.ledger is None else self.ledger.week_tokens(self._now())

    def close(self) -> None:
        if self.ledger is not None:
            self.ledger.close()


def _entry(row: Row[Any]) -> Entry:
    """As ``core.cost`` counts the call: at its ceiling where nobody knows its end."""
    is_held = row.state in (CallState.INTENT, CallState.UNKNOWN)
    tokens = row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens
    usd = row.ceiling_usd if is_held else row.usd if tokens else "0"
    return Entry(
        call=row.id,
        run=row.run_id,
        provider=row.provider,
        sent_at=row.sent_at,
        tokens=row.ceiling_tokens if is_held else tokens,
        usd=None if usd is None else Decimal(usd),
        is_held=is_held,
    )


def _refuse_misfit(connection: Connection, asking: Asking, ceiling: Ceiling, caps: Caps) -> None:
    if caps == Caps():
        return
    wrong = misfit(ceiling, caps, *_spent(connection, asking.run, asking.phase))
    if wrong is None:
        return
    if wrong.reason == "price":
        raise InvalidInputError(wrong.message)
    raise BudgetSpentError(wrong.reason, wrong.message, wrong.by)


def _spent(connection: Connection, run: str, phase: str | None) -> tuple[Spent, Spent]:
    """What a run has cost, and what one phase of it has."""
    lines = cost_lines(connection, run)
    return cost_of(line.cost for line in lines).spent, cost_of(line.cost for line in lines if line.phase == phase).spent


def _add(connection: Connection, call: NewCall, values: CallColumns) -> int:
    asking = call.asking
    highest = connection.execute(_HIGHEST, asking.model_dump()).scalar_one()
    row = {
        "run_id": asking.run,
        "phase_id": asking.phase,
        "attempt": asking.attempt,
        "role": asking.role,
        "ordinal": (highest or 0) + 1,
        "question": call.question,
        "provider": call.provider,
        "model": call.model,
        "request_sha256": call.request_sha256,
        **values,
    }
    return int(connection.execute(_ADD, row).scalar_one())
