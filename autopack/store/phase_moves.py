"""Makes one transition of a phase inside a transaction: state, columns, event."""

from typing import Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from autopack.core.events import Event, phase_event
from autopack.core.states import PhaseState
from autopack.core.transitions import PhaseEvent, next_phase_state
from autopack.store.events import append
from autopack.store.phase_changes import NOT_HELD, PhaseChange, PhaseColumns
from autopack.store.tables import PhaseRow, core_table

_TABLE: Final = core_table(PhaseRow)
_THIS: Final = (_TABLE.c.run_id == bindparam("of_run"), _TABLE.c.phase_id == bindparam("of_phase"))
_STATE: Final = select(_TABLE.c.state).where(*_THIS)
_CHANGE: Final = update(_TABLE).where(*_THIS)


def move(session: Session, where: tuple[str, str, int | None], event: PhaseEvent, change: PhaseChange | None, now: float) -> Event:
    """Gives the event that it wrote. ``where`` is (run, phase, attempt). Raises ImpossibleTransition where the phase has moved on."""
    run_id, phase, attempt = where
    session.flush()
    connection = session.connection()
    this = {"of_run": run_id, "of_phase": phase}
    state = next_phase_state(PhaseState(connection.execute(_STATE, this).scalar_one()), event)
    unheld: PhaseColumns = {} if state is PhaseState.HELD else NOT_HELD
    columns: PhaseColumns = change.columns() if change else {}
    connection.execute(_CHANGE, {"state": state.value, **unheld, **columns, **this})
    data = {"by": event.value, **(change.told() if change else {})}
    told = Event(run_id=run_id, phase=phase, attempt=attempt, event=phase_event(state), time=now, data=data)
    append(session, told)
    return told
