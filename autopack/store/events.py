"""Writes and reads the event log: one row for every transition and for everything worth telling, in order."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert
from sqlalchemy import select as core_select
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from autopack.core.error_report import ErrorReport
from autopack.core.events import Event
from autopack.store.database import Database
from autopack.store.errors import add_error
from autopack.store.tables import EventRow, core_table


def append(session: Session, event: Event) -> None:
    """Adds the event to the transaction that writes what it tells of."""
    session.flush()
    values = {
        "run_id": event.run_id,
        "phase_id": event.phase,
        "attempt": event.attempt,
        "event": event.event,
        "data_json": json.dumps(event.data, ensure_ascii=False, default=str),
        "time": event.time,
    }
    session.connection().execute(_ADD, values)


_TABLE: Final = core_table(EventRow)
_ADD: Final = insert(_TABLE)
_NAMED: Final = (
    core_select(_TABLE)
    .where(_TABLE.c.run_id == bindparam("of_run"), _TABLE.c.event.in_(bindparam("names", expanding=True)))
    .order_by(_TABLE.c.id)
)


@dataclass(frozen=True)
class EventsWanted:
    """Which events of a run: before the row of that id, of one phase, with ``text`` in name or data; the newest ``limit`` of them."""

    limit: int
    before: int | None = None
    phase: str | None = None
    text: str | None = None


class EventLog:
    """Reads and writes the log; ``tell`` is for what belongs to no transaction of its own."""

    def __init__(self, database: Database, observe: Callable[[Event], None] | None = None) -> None:
        self._database = database
        self._observe = observe or (lambda _event: None)

    def tell(self, event: Event, error: ErrorReport | None = None) -> None:
        """``error`` is the report of what the event tells of, where that went wrong."""
        with self._database.write() as session:
            append(session, event)
            if error is not None:
                add_error(session.connection(), error)
        self._observe(event)

    def observed(self, event: Event) -> None:
        """Passes on an event whose row is already committed."""
        self._observe(event)

    def since(
        self, run_id: str, after: int = 0, phase: str | None = None, *, upto: int | None = None, limit: int | None = None
    ) -> Iterator[tuple[int, Event]]:
        """Events of a run with a row id above ``after``, oldest first; up to that one, and so many, where that is said."""
        query = _of(run_id).where(col(EventRow.id) > after).limit(limit)
        if upto is not None:
            query = query.where(col(EventRow.id) <= upto)
        if phase is not None:
            query = query.where(EventRow.phase_id == phase)
        with self._database.read() as session:
            rows = session.exec(query).all()
        yield from ((row.id or 0, _event(row)) for row in rows)

    def last_id(self, run_id: str) -> int:
        """The row id of the run's last event; 0 without one."""
        with self._database.read() as session:
            return session.exec(select(func.max(EventRow.id)).where(EventRow.run_id == run_id)).one() or 0

    def page(self, run_id: str, wanted: EventsWanted) -> tuple[tuple[int, Event], ...]:
        """With their rows' ids, newest first."""
        query = select(EventRow).where(EventRow.run_id == run_id).order_by(col(EventRow.id).desc()).limit(wanted.limit)
        if wanted.before is not None:
            query = query.where(col(EventRow.id) < wanted.before)
        if wanted.phase is not None:
            query = query.where(EventRow.phase_id == wanted.phase)
        if wanted.text:
            query = query.where(or_(*(col(one).icontains(wanted.text, autoescape=True) for one in (EventRow.event, EventRow.data_json))))
        with self._database.read() as session:
            rows = session.exec(query).all()
        return tuple((row.id or 0, _event(row)) for row in rows)

    def named(self, run_id: str, *names: str) -> tuple[Event, ...]:
        """Events of a run of these kinds, oldest first."""
        return tuple(map(_event, self._database.rows(_NAMED, of_run=run_id, names=names)))


def events_named(connection: Connection, run_id: str, *names: str) -> tuple[Event, ...]:
    """As ``named`` of a log, in the view that the connection has."""
    return tuple(map(_event, connection.execute(_NAMED, {"of_run": run_id, "names": names}).all()))


def _of(run_id: str) -> SelectOfScalar[EventRow]:
    return select(EventRow).where(EventRow.run_id == run_id).order_by(col(EventRow.id))


def _event(row: EventRow | Row[Any]) -> Event:
    data: dict[str, Any] = json.loads(row.data_json)
    return Event(run_id=row.run_id, phase=row.phase_id, attempt=row.attempt, event=row.event, data=data, time=row.time)
