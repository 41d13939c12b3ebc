"""Reads phases as they stand."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from autopack.store.database import Database
from autopack.store.tables import PhaseRow, RunRow, core_table, read_as

_TABLE: Final = core_table(PhaseRow)
_RUN: Final = core_table(RunRow)
_OF_RUN: Final = _TABLE.c.run_id == bindparam("of_run")
_ALL: Final = select(_TABLE).where(_OF_RUN).order_by(_TABLE.c.position)
_ONE: Final = select(_TABLE).where(_OF_RUN, _TABLE.c.phase_id == bindparam("of_phase"))
_WITH_MODEL: Final = (
    select(_TABLE)
    .join(_RUN, _RUN.c.run_id == _TABLE.c.run_id)
    .where(_TABLE.c.model.is_not(None))
    .order_by(_RUN.c.created_at.desc(), _TABLE.c.position)
)


def phases_of(database: Database, run_id: str) -> tuple[PhaseRow, ...]:
    """In the plan's order."""
    return read_as(PhaseRow, database.rows(_ALL, of_run=run_id))


def phases_seen(connection: Connection, run_id: str) -> tuple[PhaseRow, ...]:
    """As ``phases_of``, in the view that the connection has."""
    return read_as(PhaseRow, connection.execute(_ALL, {"of_run": run_id}).all())


def phase_of(database: Database, run_id: str, phase: str) -> PhaseRow:
    (found,) = read_as(PhaseRow, database.rows(_ONE, of_run=run_id, of_phase=phase))
    return found


def phase_ids(database: Database, run_id: str) -> tuple[str, ...]:
    """The phases of a run, in the plan's order."""
    return tuple(row.phase_id for row in phases_of(database, run_id))


def phases_with_model(database: Database) -> tuple[PhaseRow, ...]:
    """Of every run, those for which a person chose the builder's model; the newest run's first."""
    return read_as(PhaseRow, database.rows(_WITH_MODEL))
