"""Lists every run in one line: the database counts its phases, the one sum its cost; no text is read."""

from collections.abc import Callable

from sqlmodel import Session, col, func, select

from autopack.core.cost import cost_of
from autopack.core.model import Frozen
from autopack.core.states import PhaseState, RunState
from autopack.store.costs import costs_by_run
from autopack.store.database import Database
from autopack.store.queries import effective_state
from autopack.store.tables import PhaseRow, RunRow


class RunLine(Frozen):
    """``spent_usd`` is what is known of the cost; ``until`` when a run waits for a provider. Times are UTC epoch seconds."""

    run_id: str
    state: str
    reason: str | None
    message: str | None
    phases_done: int
    phases_total: int
    spent_usd: float
    has_unknown_prices: bool
    started: float
    ended: float | None
    until: float | None
    branch: str
    goal: str


def run_lines(database: Database, is_alive: Callable[[str], bool]) -> tuple[RunLine, ...]:
    """Newest first. ``is_alive`` says of a run's id whether a process works on it right now."""
    with database.read() as session:
        runs = session.exec(select(RunRow).order_by(col(RunRow.created_at).desc(), col(RunRow.run_id).desc())).all()
        phases = _phase_counts(session)
        costs = costs_by_run(session.connection())
    lines = []
    for run in runs:
        done, total = phases.get(run.run_id, (0, 0))
        cost = cost_of(costs.get(run.run_id, ()))
        alive = run.state in _CLAIMS_AN_OWNER and is_alive(run.run_id)
        state = effective_state(run, is_alive=alive)
        lines.append(
            RunLine(
                run_id=run.run_id,
                state=state,
                reason=run.reason,
                message=run.message,
                phases_done=done,
                phases_total=total,
                spent_usd=float(cost.spent.usd),
                has_unknown_prices=cost.unpriced > 0,
                started=run.created_at,
                ended=run.ended_at,
                until=run.wait_until if state is RunState.WAITING else None,
                branch=run.branch,
                goal=run.goal,
            )
        )
    return tuple(lines)


_CLAIMS_AN_OWNER = frozenset({"running", "waiting"})


def _phase_counts(session: Session) -> dict[str, tuple[int, int]]:
    done = func.count().filter(col(PhaseRow.state) == PhaseState.COMPLETE)
    query = select(PhaseRow.run_id, done, func.count()).group_by(col(PhaseRow.run_id))
    return {run: (complete, total) for run, complete, total in session.exec(query).all()}
