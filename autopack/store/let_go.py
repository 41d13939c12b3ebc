"""Lets go of the words of ended calls, which are most of the database: what was asked and answered. What a call was and cost stays.

A call whose request is empty was let go: nothing else writes an empty one.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, select, update

from autopack.store.call_records import LET_GO
from autopack.store.database import Database
from autopack.store.tables import CallRow, core_table

SPARE_BYTES: Final = 1_000_000
"""So much room that nothing uses may stay in the file."""

_TABLE: Final = core_table(CallRow)
_CALL: Final = _TABLE.c
_IS_KEPT: Final = _CALL.request_json != LET_GO


def _bytes(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.length(column), 0)


_WORDS: Final[Select[Any]] = (
    select(
        _CALL.run_id,
        func.count().label("calls"),
        func.sum(sum(map(_bytes, (_CALL.reply_json, _CALL.text, _CALL.calls_json)), _bytes(_CALL.request_json))).label("size"),
        func.max(func.coalesce(_CALL.ended_at, _CALL.sent_at)).label("last"),
    )
    .where(_IS_KEPT)
    .group_by(_CALL.run_id)
)
_GONE: Final = select(func.count()).where(_CALL.run_id == bindparam("run"), ~_IS_KEPT)
_LET_GO: Final = (
    update(_TABLE)
    .where(_CALL.run_id == bindparam("of_run"), _IS_KEPT)
    .values(request_json=LET_GO, reply_json=None, text=None, calls_json="[]")
)


@dataclass(frozen=True)
class Words:
    """What the journal holds of a run's calls: how many of them, their bytes, and when the last one ended (UTC epoch seconds)."""

    calls: int
    size: int
    last: float


def words_kept(database: Database) -> dict[str, Words]:
    """Run, or another id under which calls were made -> what is there to let go."""
    return {row.run_id: Words(row.calls, row.size, row.last) for row in database.rows(_WORDS)}


def calls_let_go(database: Database, run_id: str) -> int:
    """Of how many calls only the figures are left."""
    ((count,),) = database.rows(_GONE, run=run_id)
    return int(count)


def let_go(database: Database, run_id: str) -> None:
    """In one transaction. The file keeps its size until ``give_back`` is called."""
    with database.write() as session:
        session.connection().execute(_LET_GO, {"of_run": run_id})


def spare_bytes(database: Database) -> int:
    """How much of the file is used by nothing."""
    with closing(database.connection()) as connection:
        free, page = (int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in ("freelist_count", "page_size"))
    return free * page
