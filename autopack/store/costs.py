"""Reads what calls cost, for everything that ``core.cost`` sums up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, literal, select

from autopack.core.call import CallState
from autopack.core.cost import CallCost
from autopack.store.database import Database
from autopack.store.tables import CallRow, RunRow, core_table


class CostLine(NamedTuple):
    """One call and who asked whom; ``asked`` is ``provider/model``, ``sent_at`` UTC epoch seconds, ``seconds`` how long it took."""

    run: str
    phase: str
    attempt: int
    role: str
    asked: str
    answered_by: str | None
    cost: CallCost
    sent_at: float = 0.0
    seconds: float = 0.0


_CALL: Final = core_table(CallRow).c
_TOKENS: Final = (_CALL.input_tokens, _CALL.output_tokens, _CALL.cache_read_tokens, _CALL.cache_write_tokens)
_ALL: Final[Select[Any]] = (
    select(_CALL.run_id, _CALL.phase_id, _CALL.attempt, _CALL.role, _CALL.provider, _CALL.model, _CALL.answering_model)
    .add_columns(_CALL.state, *_TOKENS, _CALL.usd, _CALL.ceiling_tokens, _CALL.ceiling_usd, _CALL.is_replayed, literal(1))
    .add_columns(_CALL.sent_at, _CALL.ended_at, _CALL.id)
    .order_by(_CALL.id)
)
"""Leaves the texts out, which are most of the database."""

OF_RUN: Final[Select[Any]] = _ALL.where(_CALL.run_id == bindparam("of_run"), _CALL.sent_at >= bindparam("since"))
_SINCE: Final[Select[Any]] = _ALL.where(_CALL.sent_at >= bindparam("since"))
_RUN: Final = core_table(RunRow).c
_PROJECTS: Final = select(_RUN.run_id, _RUN.project)

_ALIKE: Final = (_CALL.run_id, _CALL.state, _CALL.is_replayed, sum(_TOKENS[1:], _TOKENS[0]) > 0)
_BY_RUN: Final[Select[Any]] = select(
    *(_CALL.run_id, _CALL.state, *(func.sum(tokens) for tokens in _TOKENS), func.group_concat(_CALL.usd, " ")),
    *(func.sum(_CALL.ceiling_tokens), func.group_concat(_CALL.ceiling_usd, " "), _CALL.is_replayed, func.count()),
).group_by(*_ALIKE)
"""SQLite adds up the tokens and hands on the prices one by one: its sum of these would not be exact."""


def cost_lines(connection: Connection, run_id: str | None, since: float = 0.0) -> tuple[CostLine, ...]:
    """The calls of a run, or of all, that were sent since then (UTC epoch seconds), in the order in which they were sent."""
    query = _SINCE if run_id is None else OF_RUN
    return tuple(map(_line, connection.execute(query, {"of_run": run_id, "since": since}).all()))


def costs_of_run(database: Database, run_id: str) -> tuple[CostLine, ...]:
    """All its calls, in the order in which they were sent."""
    return tuple(map(_line, database.rows(OF_RUN, of_run=run_id, since=0)))


def projects_of(connection: Connection) -> dict[str, str]:
    """Run -> its project."""
    return {row.run_id: row.project for row in connection.execute(_PROJECTS).all()}


def costs_by_run(connection: Connection, run_ids: Sequence[str] | None = None) -> dict[str, list[CallCost]]:
    """The calls of each run, or of these, those that are alike in one: all of them singly take three times as long to read."""
    costs: dict[str, list[CallCost]] = {}
    for run, *alike in connection.execute(_BY_RUN if run_ids is None else _BY_RUN.where(_CALL.run_id.in_(run_ids))).all():
        costs.setdefault(run, []).append(_cost(alike))
    return costs


def _line(row: Sequence[Any]) -> CostLine:
    run, phase, attempt, role, provider, model, answered_by = row[:7]
    *cost, sent_at, ended_at, _ = row[7:]
    seconds = max(0.0, ended_at - sent_at) if ended_at is not None else 0.0
    return CostLine(run, phase, attempt, role, f"{provider}/{model}", answered_by, _cost(cost), sent_at, seconds)


def _cost(row: Sequence[Any]) -> CallCost:
    """Reads columns by position."""
    state, read, written, cache_read, cache_written, usd, most_tokens, most_usd, is_replayed, calls = row
    tokens = read, written, cache_read, cache_written
    return CallCost(CallState(state), *tokens, amounts(usd), most_tokens, amounts(most_usd), is_replayed, calls)


def amounts(texts: str | None) -> tuple[Decimal, ...]:
    """Of a column of dollars, or of several one after the other."""
    return tuple(map(Decimal, texts.split())) if texts else ()
