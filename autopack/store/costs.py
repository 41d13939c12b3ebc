"""Reads what calls cost, for everything that ``core.cost`` sums up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, literal, select

from autopack.core.call import CallState
from autopack.core.cost import CallCost
from autopack.store.tables import CallRow, core_table


class CostLine(NamedTuple):
    """One call and who asked whom; ``asked`` is ``provider/model``."""

    run: str
    phase: str
    attempt: int
    role: str
    asked: str
    answered_by: str | None
    cost: CallCost


_CALL: Final = core_table(CallRow).c
_TOKENS: Final = (_CALL.input_tokens, _CALL.output_tokens, _CALL.cache_read_tokens, _CALL.cache_write_tokens)
_OF_RUN: Final[Select[Any]] = (
    select(_CALL.phase_id, _CALL.attempt, _CALL.role, _CALL.provider, _CALL.model, _CALL.answering_model)
    .add_columns(_CALL.state, *_TOKENS, _CALL.usd, _CALL.ceiling_tokens, _CALL.ceiling_usd, _CALL.is_replayed, literal(1))
    .where(_CALL.run_id == bindparam("of_run"))
    .order_by(_CALL.id)
)
"""Leaves the texts out, which are most of the database."""

_ALIKE: Final = (_CALL.run_id, _CALL.state, _CALL.is_replayed, sum(_TOKENS[1:], _TOKENS[0]) > 0)
_BY_RUN: Final[Select[Any]] = select(
    *(_CALL.run_id, _CALL.state, *(func.sum(tokens) for tokens in _TOKENS), func.group_concat(_CALL.usd, " ")),
    *(func.sum(_CALL.ceiling_tokens), func.group_concat(_CALL.ceiling_usd, " "), _CALL.is_replayed, func.count()),
).group_by(*_ALIKE)
"""SQLite adds up the tokens and hands on the prices one by one: its sum of these would not be exact."""


def cost_lines(connection: Connection, run_id: str) -> tuple[CostLine, ...]:
    """The calls of a run in the order in which they were sent."""
    return tuple(_line(run_id, row) for row in connection.execute(_OF_RUN, {"of_run": run_id}).all())


def costs_by_run(connection: Connection) -> dict[str, list[CallCost]]:
    """The calls of each run, those that are alike in one: all of them singly take three times as long to read."""
    costs: dict[str, list[CallCost]] = {}
    for run, *alike in connection.execute(_BY_RUN).all():
        costs.setdefault(run, []).append(_cost(alike))
    return costs


def _line(run: str, row: Sequence[Any]) -> CostLine:
    phase, attempt, role, provider, model, answered_by = row[:6]
    return CostLine(run, phase, attempt, role, f"{provider}/{model}", answered_by, _cost(row[6:]))


def _cost(row: Sequence[Any]) -> CallCost:
    """Reads columns by position."""
    state, read, written, cache_read, cache_written, usd, most_tokens, most_usd, is_replayed, calls = row
    tokens = read, written, cache_read, cache_written
    return CallCost(CallState(state), *tokens, _amounts(usd), most_tokens, _amounts(most_usd), is_replayed, calls)


def _amounts(texts: str | None) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, texts.split())) if texts else ()
