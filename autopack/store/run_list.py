"""Lists runs in one line each, whole or in pages: the database counts their phases, the one sum their cost; no text is read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlmodel import Session, col, func, or_, select, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from autopack.core.cost import Cost, cost_of
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
    project: str


class RunPage(Frozen):
    """Newest first. ``next`` is the last of these runs where more follow: the page that begins after it."""

    runs: tuple[RunLine, ...]
    next: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which runs: in one of ``states`` (of any, where there is none), with ``text`` in id, goal, branch or message, begun in that time.

    ``after`` is the run that the page before ended with. Times are UTC epoch seconds.
    """

    states: frozenset[RunState] = frozenset()
    project: str | None = None
    text: str | None = None
    since: float | None = None
    until: float | None = None
    after: RunRow | None = None
    limit: int | None = None


EVERY: Final = Wanted()


def run_page(database: Database, is_alive: Callable[[str], bool], wanted: Wanted = EVERY) -> RunPage:
    """``is_alive`` says of a run's id whether a process works on it right now."""
    most = None if wanted.limit is None else wanted.limit + 1
    with database.read() as session:
        found = tuple(islice(_found(session, is_alive, wanted), most))
        runs = found[: wanted.limit]
        ids = None if wanted.limit is None else [run.run_id for run, _ in runs]
        phases, costs = _phase_counts(session, ids), costs_by_run(session.connection(), ids)
    lines = tuple(_line(run, state, phases.get(run.run_id, (0, 0)), cost_of(costs.get(run.run_id, ()))) for run, state in runs)
    return RunPage(runs=lines, next=lines[-1].run_id if lines and len(found) > len(lines) else None)


def _found(session: Session, is_alive: Callable[[str], bool], wanted: Wanted) -> Iterator[tuple[RunRow, RunState]]:
    """With the state that each is really in."""
    for run in session.exec(_query(wanted)):
        state = effective_state(run, is_alive=run.state in _CLAIMS_AN_OWNER and is_alive(run.run_id))
        if not wanted.states or state in wanted.states:
            yield run, state


def _query(wanted: Wanted) -> SelectOfScalar[RunRow]:
    query = select(RunRow).order_by(col(RunRow.created_at).desc(), col(RunRow.run_id).desc())
    if wanted.states:
        claims = _CLAIMS_AN_OWNER if RunState.INTERRUPTED in wanted.states else ()
        query = query.where(col(RunRow.state).in_([*wanted.states, *claims]))
    if wanted.project is not None:
        query = query.where(RunRow.project == wanted.project)
    if wanted.text:
        columns = (RunRow.run_id, RunRow.goal, RunRow.branch, RunRow.message)
        query = query.where(or_(*(col(column).icontains(wanted.text, autoescape=True) for column in columns)))
    if wanted.since is not None:
        query = query.where(RunRow.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(RunRow.created_at < wanted.until)
    if wanted.after is not None:
        place = tuple_(col(RunRow.created_at), col(RunRow.run_id))
        query = query.where(place < (wanted.after.created_at, wanted.after.run_id))
    return query


def _line(run: RunRow, state: RunState, phases: tuple[int, int], cost: Cost) -> RunLine:
    done, total = phases
    return RunLine(
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
        project=run.project,
    )


_CLAIMS_AN_OWNER: Final = frozenset({RunState.RUNNING, RunState.WAITING})


def _phase_counts(session: Session, run_ids: Sequence[str] | None) -> dict[str, tuple[int, int]]:
    done = func.count().filter(col(PhaseRow.state) == PhaseState.COMPLETE)
    query = select(PhaseRow.run_id, done, func.count()).group_by(col(PhaseRow.run_id))
    if run_ids is not None:
        query = query.where(col(PhaseRow.run_id).in_(run_ids))
    return {run: (complete, total) for run, complete, total in session.exec(query).all()}
