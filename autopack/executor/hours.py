"""The cap on working hours: time spent waiting for a start is not counted."""

from autopack.core.budget import advice
from autopack.core.errors import BudgetSpentError
from autopack.executor.workbench import Workbench
from autopack.store.queries import worked_seconds

_SECONDS = 3600


def check_hours(bench: Workbench) -> None:
    """Raises BudgetSpentError where the run has worked as long as it may, over all its starts."""
    cap = bench.hours
    if cap is None:
        return
    worked = worked_seconds(bench.state.database, bench.run_id, bench.awake.look())
    if worked >= cap.hours * _SECONDS:
        sentence = f"The run has worked {worked / _SECONDS:.1f} of {cap.hours:g} hours; the next attempt is not begun."
        raise BudgetSpentError("hours", f"{sentence} {advice(cap.by, 'hours')}", cap.by)
