"""Keeps what all of a user's repositories spend: one small file, so that a day's cap and a week's quota hold over all of them.

It repeats what the journals say of each call: a ceiling is reserved before the call is sent, and settled when its end is known. A call
counts on the UTC day on which it was sent, so that no reservation outlives its day. What a killed process left is put right from its
journal when its run goes on.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    select,
)

from autopack.core.budget import Ceiling, DayCaps, Spent, day_misfit
from autopack.core.errors import BudgetSpentError, EnvironmentBlockedError, InvalidInputError
from autopack.store.database import HASTY, engine_of, opening
from autopack.store.sqlite_errors import explained

WEEK: Final = timedelta(days=6)
"""A week is today and the six days before it."""

_TABLE: Final = Table(
    "spent",
    MetaData(),
    Column("state", String, primary_key=True),
    Column("call", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("day", String, nullable=False, index=True),
    Column("provider", String, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("picodollars", Integer),
    Column("is_held", Boolean, nullable=False),
)
"""``state`` is the path of the state database whose ``call`` it is; ``picodollars`` None: the price is not known."""

_C: Final = _TABLE.c
_PICO: Final = Decimal(10) ** 12
_PUT: Final = insert(_TABLE).prefix_with("OR REPLACE")
_OF_RUN: Final = (_C.state == bindparam("of_state"), _C.run == bindparam("of_run"))
_SUMS: Final = select(
    _C.is_held,
    func.sum(_C.tokens).label("tokens"),
    func.sum(_C.picodollars).label("pico"),
    (func.count() - func.count(_C.picodollars)).label("dark"),
)
_TODAY: Final = _SUMS.where(_C.day == bindparam("today")).group_by(_C.is_held)
_BY_PROVIDER: Final = select(_C.provider, func.sum(_C.tokens).label("tokens")).where(_C.day >= bindparam("since")).group_by(_C.provider)
_FORGET: Final = delete(_TABLE).where(_C.day < bindparam("since"))
_LEAVE: Final = delete(_TABLE).where(*_OF_RUN)


@dataclass(frozen=True)
class Entry:
    """One call. ``usd`` None: its price is not known; ``is_held``: at its ceiling, since its end is not known."""

    call: int
    run: str
    provider: str
    sent_at: float
    tokens: int
    usd: Decimal | None
    is_held: bool


class Ledger:
    """The user's file, seen from one state database. Where it is not ``is_needed`` for a cap, its own troubles stop nobody."""

    def __init__(self, engine: Engine, path: Path, state: str, *, is_needed: bool) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**HASTY)
        self._path = path
        self._state = state
        self._is_needed = is_needed

    @classmethod
    def open(cls, path: Path, state: str, now: float, *, is_needed: bool) -> "Ledger | None":
        """Opens or makes the file; None where that fails and nobody needs it. Raises EnvironmentBlockedError."""
        try:
            with opening(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                engine = engine_of(path)
                with engine.connect().execution_options(**HASTY) as connection:
                    _TABLE.metadata.create_all(connection)
                    connection.execute(_FORGET, {"since": _day(now - (WEEK + timedelta(days=1)).total_seconds())})
                    connection.commit()
        except EnvironmentBlockedError:
            if is_needed:
                raise
            return None
        return cls(engine, path, state, is_needed=is_needed)

    @classmethod
    def look(cls, path: Path, state: str) -> "Ledger | None":
        """To read only: nothing is made, no lock is asked for. None where nobody spent anything yet, or the file cannot be read."""
        with suppress(EnvironmentBlockedError), opening(path):
            engine = engine_of(path)
            with engine.connect() as connection:
                is_there = inspect(connection).has_table(_TABLE.name)
            return cls(engine, path, state, is_needed=False) if is_there else None
        return None

    def close(self) -> None:
        self._engine.dispose()

    def reserve(self, entry: Entry, caps: DayCaps) -> None:
        """Holds the ceiling of a call that is about to be sent.

        Raises:
            BudgetSpentError: it does not fit under the day's cap, over all repositories of the user.
            InvalidInputError: a cap in dollars cannot be kept since a price is not known.
        """
        with self._quiet(), self._writing() as connection:
            if caps != DayCaps():
                wrong = day_misfit(Ceiling(tokens=entry.tokens, usd=entry.usd), caps, _spent(connection, _day(entry.sent_at)))
                if wrong is not None and wrong.reason == "price":
                    raise InvalidInputError(wrong.message)
                if wrong is not None:
                    raise BudgetSpentError(wrong.reason, wrong.message, wrong.by)
            connection.execute(_PUT, self._row(entry))

    def settle(self, entry: Entry) -> None:
        """What a call has cost takes the place of what was held for it."""
        with self._quiet(), self._writing() as connection:
            connection.execute(_PUT, self._row(entry))

    def reconcile(self, run: str, entries: Iterable[Entry]) -> None:
        """Puts right what a killed process left of a run: its journal's calls, and nothing else."""
        with self._quiet(), self._writing() as connection:
            connection.execute(_LEAVE, {"of_state": self._state, "of_run": run})
            rows = [self._row(entry) for entry in entries]
            if rows:
                connection.execute(_PUT, rows)

    def spent_on_day(self, now: float) -> Spent:
        with self._reading() as connection:
            return _spent(connection, _day(now))

    def week_tokens(self, now: float) -> dict[str, int]:
        """Provider -> its tokens of today and the six days before, at the ceiling where nobody knows."""
        with self._reading() as connection:
            rows = connection.execute(_BY_PROVIDER, {"since": _day(now - WEEK.total_seconds())}).all()
        return {row.provider: int(row.tokens) for row in rows}

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {
            "state": self._state,
            "call": entry.call,
            "run": entry.run,
            "day": _day(entry.sent_at),
            "provider": entry.provider,
            "tokens": entry.tokens,
            "picodollars": None if entry.usd is None else int((entry.usd * _PICO).to_integral_value(ROUND_CEILING)),
            "is_held": entry.is_held,
        }

    def _quiet(self) -> AbstractContextManager[None]:
        return nullcontext() if self._is_needed else suppress(EnvironmentBlockedError)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with explained(self._path), self._writer.connect() as connection:
            yield connection
            connection.commit()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._path), self._engine.connect() as connection:
            yield connection


def _spent(connection: Connection, day: str) -> Spent:
    found = {bool(row.is_held): row for row in connection.execute(_TODAY, {"today": day}).all()}
    known, held = found.get(False), found.get(True)
    return Spent(
        usd=_dollars(known),
        tokens=int(known.tokens) if known else 0,
        reserved_usd=_dollars(held),
        reserved_tokens=int(held.tokens) if held else 0,
        unknown_prices=sum(int(row.dark) for row in found.values()),
    )


def _dollars(row: Any) -> Decimal:  # noqa: ANN401 - a row of sums
    return Decimal(row.pico or 0) / _PICO if row is not None else Decimal(0)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
