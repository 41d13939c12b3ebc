"""What a run used: one row for each phase, role and model, the total, and the caps it is held to; and what several used, by one word."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from autopack.core.cost import cost_of
from autopack.core.model import Frozen
from autopack.core.status import BudgetStatus, TodayStatus, UsageRow, UsageStatus
from autopack.store.costs import CostLine, cost_lines, projects_of
from autopack.store.database import Database
from autopack.store.queries import run_status


class RunUsage(Frozen):
    """``total.usd`` is what is known; ``unpriced_calls`` ended without a known price and are not in it.

    ``today`` is None where nobody knows what was spent today.
    """

    run_id: str
    rows: tuple[UsageRow, ...]
    total: UsageStatus
    unpriced_calls: int
    budget: BudgetStatus
    today: TodayStatus | None = None


class By(StrEnum):
    """What usage may be summed up by."""

    RUN = "run"
    DAY = "day"
    PROJECT = "project"
    PHASE = "phase"
    ROLE = "role"
    MODEL = "model"


class Share(Frozen):
    """What one of several used: a run, a day, a model ... ``unpriced_calls`` ended without a known price and are not in its dollars."""

    name: str
    usage: UsageStatus
    unpriced_calls: int = 0

    @property
    def is_partial(self) -> bool:
        return self.unpriced_calls > 0

    @property
    def tokens(self) -> int:
        return self.usage.input_tokens + self.usage.output_tokens + self.usage.cache_read_tokens + self.usage.cache_write_tokens


class SummedUsage(Frozen):
    """``since`` is UTC epoch seconds; None: from the first call on."""

    by: By
    since: float | None
    rows: tuple[Share, ...]
    total: UsageStatus
    unpriced_calls: int


def summed_usage(database: Database, by: By, run_id: str | None, since: float | None) -> SummedUsage:
    """Of every run of the repository, or of one."""
    with database.read() as session:
        lines = cost_lines(session.connection(), run_id, since or 0.0)
        projects = projects_of(session.connection())
    total = cost_of(line.cost for line in lines)
    rows = shares(lines, namers(projects)[by])
    return SummedUsage(by=by, since=since, rows=rows, total=total.status, unpriced_calls=total.unpriced)


def shares_by(database: Database, words: Iterable[By], run_id: str) -> dict[By, tuple[Share, ...]]:
    """What a run used, by each of these words; its calls are read once."""
    with database.read() as session:
        lines, projects = cost_lines(session.connection(), run_id), projects_of(session.connection())
    names = namers(projects)
    return {by: shares(lines, names[by]) for by in words}


def shares(lines: Iterable[CostLine], name: Callable[[CostLine], str]) -> tuple[Share, ...]:
    """One for each name, in the order in which they were first asked."""
    groups: dict[str, list[CostLine]] = {}
    for line in lines:
        groups.setdefault(name(line), []).append(line)
    costs = {key: cost_of(line.cost for line in group) for key, group in groups.items()}
    return tuple(Share(name=key, usage=cost.status, unpriced_calls=cost.unpriced) for key, cost in costs.items())


def namers(projects: Mapping[str, str]) -> dict[By, Callable[[CostLine], str]]:
    """A day is one of this machine's time. A model is the one that answered, or else the one that was asked."""
    return {
        By.RUN: lambda line: line.run,
        By.DAY: lambda line: datetime.fromtimestamp(line.sent_at).astimezone().strftime("%Y-%m-%d"),
        By.PROJECT: lambda line: projects.get(line.run) or "-",
        By.PHASE: lambda line: line.phase,
        By.ROLE: lambda line: line.role,
        By.MODEL: lambda line: line.answered_by or line.asked,
    }


def run_usage(database: Database, run_id: str) -> RunUsage:
    """Of a run, or of a plan that was made by a planner (``is_planner``), which has calls and no run."""
    status = run_status(database, run_id, is_alive=False)
    with database.read() as session:
        lines = cost_lines(session.connection(), run_id)
    if status is None and not lines:
        raise LookupError(run_id)
    total = cost_of(line.cost for line in lines)
    budget = status.budget if status is not None else BudgetStatus()
    return RunUsage(run_id=run_id, rows=usage_rows(lines), total=total.status, unpriced_calls=total.unpriced, budget=budget)


def is_planner(database: Database, call_id: str | None) -> bool:
    """Whether calls were made under that id without a run: by ``plan new``."""
    if call_id is None or run_status(database, call_id, is_alive=False) is not None:
        return False
    with database.read() as session:
        return bool(cost_lines(session.connection(), call_id))


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
