"""Reads what calls cost, in one way for everything that ``core.cost`` sums up."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, bindparam, select

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
_EVERY: Final[Select[Any]] = select(
    *(_CALL.run_id, _CALL.phase_id, _CALL.attempt, _CALL.role, _CALL.provider, _CALL.model, _CALL.answering_model),
    *(_CALL.state, _CALL.input_tokens, _CALL.output_tokens, _CALL.cache_read_tokens, _CALL.cache_write_tokens),
    *(_CALL.usd, _CALL.ceiling_tokens, _CALL.ceiling_usd, _CALL.is_replayed),
).order_by(_CALL.id)
"""Leaves the texts out, which are most of the database."""
_OF_RUN: Final = _EVERY.where(_CALL.run_id == bindparam("of_run"))


def cost_lines(connection: Connection, run_id: str | None = None) -> tuple[CostLine, ...]:
    """The calls of a run in the order in which they were sent; of all runs where ``run_id`` is None."""
    found = connection.execute(_EVERY) if run_id is None else connection.execute(_OF_RUN, {"of_run": run_id})
    return tuple(_line(row) for row in found.all())


def _line(row: Sequence[Any]) -> CostLine:
    """Reads columns by position: a history of many runs is read here."""
    run, phase, attempt, role, provider, model, answered_by = row[:7]
    state, read, written, cache_read, cache_written, usd, most_tokens, most_usd, is_replayed = row[7:]
    cost = CallCost(CallState(state), read, written, cache_read, cache_written, _amount(usd), most_tokens, _amount(most_usd), is_replayed)
    return CostLine(run, phase, attempt, role, f"{provider}/{model}", answered_by, cost)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
