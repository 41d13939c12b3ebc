"""Keeps what a run is doing at this moment: one row a run, written over and over, which no disk is waited for."""

from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from autopack.core.live import Live
from autopack.store.database import Database
from autopack.store.tables import LiveRow, core_table

_TABLE: Final = core_table(LiveRow)
_PUT: Final = insert(_TABLE).prefix_with("OR REPLACE")
_OF_RUN: Final = _TABLE.c.run_id == bindparam("of_run")
_GET: Final = select(_TABLE.c.live_json).where(_OF_RUN)
_CLEAR: Final = delete(_TABLE).where(_OF_RUN)


def put_live(database: Database, run_id: str, live: Live | None) -> None:
    """None: nothing is under way."""
    with database.note() as session:
        if live is None:
            session.connection().execute(_CLEAR, {"of_run": run_id})
        else:
            session.connection().execute(_PUT, {"run_id": run_id, "live_json": live.model_dump_json()})


def live_of(database: Database, run_id: str) -> Live | None:
    """A process that was killed leaves its last row."""
    rows = database.rows(_GET, of_run=run_id)
    return Live.model_validate_json(rows[0].live_json) if rows else None
