"""The journal of model calls: each request is written down before it is sent, each reply before it is read."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Table, func, insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from autopack.core.budget import Caps, Ceiling, Spent, misfit
from autopack.core.call import Asking, CallState, Reply, Role, StopReason, Usage
from autopack.core.errors import BudgetSpentError, EnvironmentBlockedError, InvalidInputError
from autopack.store.assignments import assignments
from autopack.store.database import Database
from autopack.store.tables import CallRow

_TABLE: Final[Table] = CallRow.__table__  # type: ignore[attr-defined]
"""Written to without the ORM, which takes a millisecond more for each statement."""

_LEVEL: Final = 1
"""Of zlib: a prompt of 100,000 tokens in a few milliseconds, at a third of its size."""


@dataclass(frozen=True)
class NewCall:
    """A call about to be made. ``request`` holds all that determines what is sent, redacted."""

    asking: Asking
    question: int
    provider: str
    model: str
    request: dict[str, Any]
    request_sha256: str


@dataclass(frozen=True)
class Bought:
    """What a call cost; ``usd`` is None where the price is unknown."""

    usage: Usage
    usd: Decimal | None


@dataclass(frozen=True)
class CallRecord:
    """One call as it stands in the journal; ``reply`` only where one came."""

    id: int
    asking: Asking
    question: int
    ordinal: int
    provider: str
    model: str
    state: CallState
    request_sha256: str
    packed_request: bytes
    reply: Reply | None
    error_kind: str | None
    error: str | None
    sent_at: float
    ended_at: float | None

    @property
    def request(self) -> dict[str, Any]:
        """As it was given to ``intend``; unpacked each time."""
        return unpack(self.packed_request)


class CallJournal:
    """The table of calls. Counters are derived from its rows; a replayed call costs nothing and fills no budget."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    def stored(self, asking: Asking, question: int) -> tuple[CallRecord, ...]:
        """Every call that was made for this question, in order."""
        if not self._database.rows(_IS_ASKED, *_values(asking, question)):
            return ()
        query = select(CallRow).where(*_same(asking), CallRow.question == question).order_by(col(CallRow.ordinal))
        with self._database.read() as session:
            return tuple(_record(row) for row in session.exec(query).all())

    def models(self, asking: Asking, question: int) -> frozenset[str]:
        """``provider/model`` of each that answered this question."""
        rows = self._database.rows(_ANSWERERS, *_values(asking, question))
        return frozenset(f"{row.provider}/{row.model}" for row in rows)

    def last_texts(self, run: str, phase: str, role: Role) -> dict[int, str]:
        """Attempt -> the last reply of that role, as text."""
        query = (
            select(CallRow.attempt, CallRow.text)
            .where(CallRow.run_id == run, CallRow.phase_id == phase, CallRow.role == role.value, CallRow.state == CallState.REPLIED)
            .order_by(col(CallRow.ordinal))
        )
        with self._database.read() as session:
            return {attempt: text or "" for attempt, text in session.exec(query).all()}

    def replies(self, run: str) -> Iterator[CallRecord]:
        """Every call of a run that was answered, in the order they were sent; one row is in memory at a time."""
        query = select(col(CallRow.id)).where(CallRow.run_id == run, CallRow.state == CallState.REPLIED).order_by(col(CallRow.id))
        with self._database.read() as session:
            for number in session.exec(query).all():
                row = session.get_one(CallRow, number)
                yield _record(row)
                session.expunge(row)

    def intend(self, call: NewCall, ceiling: Ceiling, caps: Caps) -> int:
        """Writes down that a call is about to be sent, if it fits under the caps; gives its id.

        Raises:
            BudgetSpentError: it does not fit; nothing was written.
            InvalidInputError: a cap in dollars cannot be kept since a price is not known; nothing was written.
        """
        packed = pack(call.request)
        costs = {"ceiling_tokens": ceiling.tokens, "ceiling_usd": _text(ceiling.usd)}
        with self._database.write() as session:
            _refuse_misfit(session, call.asking, ceiling, caps)
            return _insert(session, call, {**costs, "state": CallState.INTENT, "sent_at": self._now(), "request_json": packed})

    def settle(self, call_id: int, reply: Reply, final_message: dict[str, Any]) -> None:
        """Keeps a complete reply. One that comes after all for a call given up as unknown is kept too: it was paid for.

        Raises:
            EnvironmentBlockedError: the disk is full; the reply is kept all the same, in the room of the ballast.
        """
        values = {**_reply_columns(reply), "reply_json": pack(final_message), "error_kind": None, "error": None}
        before = (CallState.INTENT, CallState.UNKNOWN)
        try:
            self._end(call_id, before, values)
        except EnvironmentBlockedError as error:
            if self._database.ballast.free_for(error):
                self._end(call_id, before, values)
            raise

    def fail(self, call_id: int, kind: str, message: str, bought: Bought | None = None) -> None:
        """A definite end without a reply that could be used; ``bought`` is what it cost all the same, None: nothing."""
        costs = {**bought.usage.model_dump(), "usd": _text(bought.usd)} if bought is not None else {}
        self._end(call_id, (CallState.INTENT,), {**self._error(CallState.FAILED, kind, message), **costs})

    def lose(self, call_id: int, kind: str, why: str) -> None:
        """Nobody will know how the call ended: it counts at its ceiling for good."""
        self._end(call_id, (CallState.INTENT,), self._error(CallState.UNKNOWN, kind, why))

    def replayed(self, call: NewCall, reply: Reply) -> None:
        """Writes down a reply that came out of an exported journal."""
        values = {
            **_reply_columns(reply),
            "is_replayed": True,
            "sent_at": self._now(),
            "request_json": pack(call.request),
            "ceiling_tokens": 0,
        }
        with self._database.write() as session:
            _insert(session, call, values)

    def spent(self, run: str, phase: str | None = None) -> Spent:
        """What a run, or one phase of it, has cost so far."""
        with self._database.read() as session:
            return _add_up([line for line in _costs(session, run) if phase in (None, line.phase_id)])

    def _error(self, state: CallState, kind: str, message: str) -> dict[str, Any]:
        return {"state": state, "error_kind": kind, "error": message, "ended_at": self._now()}

    def _end(self, call_id: int, before: tuple[CallState, ...], values: dict[str, Any]) -> None:
        states = ", ".join(f"'{state}'" for state in before)
        sql = f"UPDATE call SET {assignments(values)} WHERE id = :of_call AND state IN ({states})"  # noqa: S608 - names and states are ours
        with self._database.write() as session:
            session.connection().exec_driver_sql(sql, {**values, "of_call": call_id})


def pack(value: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"), _LEVEL)


def unpack(packed: bytes) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(zlib.decompress(packed).decode(errors="surrogatepass"))
    return value


class _Cost(NamedTuple):
    phase_id: str
    state: str
    usd: str | None
    ceiling_usd: str | None
    tokens: int
    ceiling_tokens: int


def _refuse_misfit(session: Session, asking: Asking, ceiling: Ceiling, caps: Caps) -> None:
    if caps == Caps():
        return
    lines = _costs(session, asking.run)
    wrong = misfit(ceiling, caps, _add_up(lines), _add_up([line for line in lines if line.phase_id == asking.phase]))
    if wrong is None:
        return
    if wrong.reason == "price":
        raise InvalidInputError(wrong.message)
    raise BudgetSpentError(wrong.reason, wrong.message, wrong.by)


def _costs(session: Session, run: str) -> list[_Cost]:
    call = _TABLE.c
    tokens = call.input_tokens + call.output_tokens + call.cache_read_tokens + call.cache_write_tokens
    columns = (call.phase_id, call.state, call.usd, call.ceiling_usd, tokens, call.ceiling_tokens)
    is_bought = (call.state != CallState.FAILED) | (tokens > 0)
    query = sql_select(*columns).where(call.run_id == run, is_bought, call.is_replayed.is_(False))
    return [_Cost(*line) for line in session.connection().execute(query)]


def _add_up(lines: list[_Cost]) -> Spent:
    known = [line for line in lines if line.state in (CallState.REPLIED, CallState.FAILED)]
    held = [line for line in lines if line.state not in (CallState.REPLIED, CallState.FAILED)]
    return Spent(
        usd=sum((Decimal(line.usd) for line in known if line.usd is not None), Decimal(0)),
        tokens=sum(line.tokens for line in known),
        reserved_usd=sum((Decimal(line.ceiling_usd) for line in held if line.ceiling_usd is not None), Decimal(0)),
        reserved_tokens=sum(line.ceiling_tokens for line in held),
        unknown_prices=sum(line.usd is None for line in known) + sum(line.ceiling_usd is None for line in held),
    )


def _insert(session: Session, call: NewCall, values: dict[str, Any]) -> int:
    asking = call.asking
    highest = session.connection().execute(sql_select(func.max(_TABLE.c.ordinal)).where(*_same(asking))).scalar_one()
    address = {"run_id": asking.run, "phase_id": asking.phase, "attempt": asking.attempt, "role": asking.role.value}
    what = {"question": call.question, "provider": call.provider, "model": call.model, "request_sha256": call.request_sha256}
    statement = insert(_TABLE).values(ordinal=(highest or 0) + 1, **address, **what, **values).returning(_TABLE.c.id)
    return int(session.connection().execute(statement).scalar_one())


_IS_ASKED: Final = "SELECT id FROM call WHERE run_id = ? AND phase_id = ? AND attempt = ? AND role = ? AND question = ? LIMIT 1"
_ANSWERERS: Final = (
    "SELECT provider, model FROM call WHERE run_id = ? AND phase_id = ? AND attempt = ? AND role = ? AND question = ? AND state = 'replied'"
)


def _values(asking: Asking, question: int) -> tuple[str | int, ...]:
    return asking.run, asking.phase, asking.attempt, asking.role.value, question


def _same(asking: Asking) -> tuple[Any, ...]:
    return (
        CallRow.run_id == asking.run,
        CallRow.phase_id == asking.phase,
        CallRow.attempt == asking.attempt,
        CallRow.role == asking.role.value,
    )


def _reply_columns(reply: Reply) -> dict[str, Any]:
    return {
        "state": CallState.REPLIED,
        "text": reply.text,
        "stop": reply.stop,
        "answering_model": reply.answering_model,
        "request_id": reply.request_id,
        **reply.usage.model_dump(),
        "usd": _text(reply.usd),
        "ended_at": reply.received_at,
    }


def _record(row: CallRow) -> CallRecord:
    return CallRecord(
        id=row.id or 0,
        asking=Asking(run=row.run_id, phase=row.phase_id, attempt=row.attempt, role=Role(row.role)),
        question=row.question,
        ordinal=row.ordinal,
        provider=row.provider,
        model=row.model,
        state=CallState(row.state),
        request_sha256=row.request_sha256,
        packed_request=row.request_json,
        reply=_reply(row) if row.state == CallState.REPLIED else None,
        error_kind=row.error_kind,
        error=row.error,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )


def _reply(row: CallRow) -> Reply:
    return Reply(
        text=row.text or "",
        stop=StopReason(row.stop or StopReason.END),
        usage=Usage(
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cache_read_tokens=row.cache_read_tokens,
            cache_write_tokens=row.cache_write_tokens,
        ),
        provider=row.provider,
        requested_model=row.model,
        answering_model=row.answering_model or row.model,
        request_id=row.request_id,
        usd=None if row.usd is None else Decimal(row.usd),
        received_at=row.ended_at or row.sent_at,
        is_replayed=row.is_replayed,
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")
