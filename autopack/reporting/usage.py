"""What a run used: one row for each phase, role and model, the total, and the caps it is held to."""

from collections.abc import Iterable

from autopack.core.model import Frozen
from autopack.core.status import BudgetStatus, UsageRow, UsageStatus
from autopack.store.database import Database
from autopack.store.queries import run_status, usage_rows


class RunUsage(Frozen):
    """``total.usd`` is what is known; ``unpriced_calls`` answered without a known price and are not in it."""

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
    rows = _by_phase(usage_rows(database, run_id))
    return RunUsage(run_id=run_id, rows=rows, total=total_of(rows), unpriced_calls=_unpriced(rows), budget=status.budget)


def _by_phase(rows: tuple[UsageRow, ...]) -> tuple[UsageRow, ...]:
    """Those of one phase together, phases and roles in the order in which they were first asked for."""
    phases = list(dict.fromkeys(row.phase for row in rows))
    return tuple(sorted(rows, key=lambda row: phases.index(row.phase)))


def total_of(rows: Iterable[UsageRow]) -> UsageStatus:
    """The sum of the rows; ``usd`` is None only where nothing that was bought has a known price."""
    parts = [row.usage for row in rows]
    known = [part.usd for part in parts if part.usd is not None]
    return UsageStatus(
        calls=sum(part.calls for part in parts),
        input_tokens=sum(part.input_tokens for part in parts),
        output_tokens=sum(part.output_tokens for part in parts),
        cache_read_tokens=sum(part.cache_read_tokens for part in parts),
        cache_write_tokens=sum(part.cache_write_tokens for part in parts),
        usd=sum(known) if known or not parts else None,
    )


def _unpriced(rows: Iterable[UsageRow]) -> int:
    return sum(row.unpriced_calls for row in rows)
