"""What was decided over failed attempts: recorded like the results of their steps, the first with the failure itself."""

from typing import Final

from pydantic import ValidationError
from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from autopack.core.events import Event, EventName
from autopack.core.remedy import TOLD_BY_STATE, AttemptDecided, Decided
from autopack.core.step_names import StepName
from autopack.store.attempts import AttemptKey
from autopack.store.database import Database
from autopack.store.events import append
from autopack.store.steps import add_step
from autopack.store.tables import StepRow, core_table

_TABLE: Final = core_table(StepRow)
_OF_PHASE: Final = (
    _TABLE.c.run_id == bindparam("run"),
    _TABLE.c.phase_id == bindparam("phase"),
    _TABLE.c.name.startswith(StepName.DECIDED.value, autoescape=True),
)
_ALL: Final = select(_TABLE.c.attempt, _TABLE.c.result_json).where(*_OF_PHASE).order_by(_TABLE.c.attempt, _TABLE.c.at, _TABLE.c.name)
_COUNT: Final = select(func.count()).select_from(_TABLE).where(*_OF_PHASE, _TABLE.c.attempt == bindparam("attempt"))


def add_decision(session: Session, key: AttemptKey, decided: Decided, at: float) -> tuple[Event, ...]:
    """The events that were written with it; a phase that is held or fails is told by its state alone."""
    connection = session.connection()
    earlier = connection.execute(_COUNT, {"run": key.run, "phase": key.phase, "attempt": key.number}).scalar_one()
    add_step(connection, key, StepName.DECIDED.on_lap(earlier + 1), decided.model_dump_json(), at)
    if decided.remedy in TOLD_BY_STATE:
        return ()
    told = Event(run_id=key.run, phase=key.phase, attempt=key.number, event=EventName.RECOVERY_DECIDED, time=at, data=decided.told())
    append(session, told)
    return (told,)


def decisions_of(database: Database, run_id: str, phase: str) -> tuple[AttemptDecided, ...]:
    """Every decision over a phase's failures, in their order; one that another version wrote is left out."""
    found = []
    for row in database.rows(_ALL, run=run_id, phase=phase):
        try:
            found.append(AttemptDecided(attempt=row.attempt, decided=Decided.model_validate_json(row.result_json)))
        except ValidationError:
            continue
    return tuple(found)
