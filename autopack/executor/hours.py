"""The cap on working hours: time spent waiting for a start is not counted."""

from autopack.core.errors import BudgetSpentError
from autopack.executor.workbench import Workbench
from autopack.store.queries import worked_seconds

_SECONDS = 3600


def check_hours(bench: Workbench) -> None:
    """Raises BudgetSpentError where the run has worked as long as it may, over all its starts."""
    run = bench.state.runs.find(bench.run_id)
    if run is None or run.max_hours is None:
        return
    bench.awake.look()
    worked = worked_seconds(bench.state.database, bench.run_id, bench.clock.now())
    if worked >= run.max_hours * _SECONDS:
        raise BudgetSpentError(
            "hours",
            f"the run has worked {worked / _SECONDS:.1f} of {run.max_hours:g} hours; the next attempt is not begun.",
            next_command=f"autopack resume {bench.run_id}",
        )
