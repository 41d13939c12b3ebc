"""What a run used: one row for each phase, role and model, the total, and the caps it is held to."""

from autopack.core.cost import cost_of
from autopack.core.model import Frozen
from autopack.core.status import BudgetStatus, UsageRow, UsageStatus
from autopack.store.costs import CostLine, cost_lines
from autopack.store.database import Database
from autopack.store.queries import run_status


class RunUsage(Frozen):
    """``total.usd`` is what is known; ``unpriced_calls`` ended without a known price and are not in it."""

    run_id: str
    rows: tuple[UsageRow, ...]
    total: UsageStatus
    unpriced_calls: int
    budget: BudgetStatus


def run_usage(database: Database, run_id: str) -> RunUsage:
    """The run must exist."""
    status = run_status(database, run_id, is_alive=False)
    if status is None:
        raise LookupError(run_id)
    with database.read() as session:
        lines = cost_lines(session.connection(), run_id)
    total = cost_of(line.cost for line in lines)
    return RunUsage(run_id=run_id, rows=usage_rows(lines), total=total.status, unpriced_calls=total.unpriced, budget=status.budget)


def usage_rows(lines: tuple[CostLine, ...]) -> tuple[UsageRow, ...]:
    """One row for each (phase, role, requested model, answering model): a phase's together, in the order of asking."""
    order = {phase: at for at, phase in enumerate(dict.fromkeys(line.phase for line in lines))}
    groups: dict[tuple[str, str, str, str], list[CostLine]] = {}
    for line in sorted(lines, key=lambda line: order[line.phase]):
        groups.setdefault((line.phase, line.role, line.asked, line.answered_by or "-"), []).append(line)
    return tuple(_row(names, group) for names, group in groups.items())


def _row(names: tuple[str, str, str, str], lines: list[CostLine]) -> UsageRow:
    phase, role, asked, answered_by = names
    cost = cost_of(line.cost for line in lines)
    return UsageRow(
        phase=phase, role=role, requested_model=asked, answering_model=answered_by, usage=cost.status, unpriced_calls=cost.unpriced
    )
