"""Reads calls without their texts, which are most of the database."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from autopack.core.call import CallState
from autopack.core.cost import CallCost
from autopack.store.call_records import LET_GO
from autopack.store.costs import amounts
from autopack.store.database import Database
from autopack.store.tables import CallRow, core_table


class BriefCall(NamedTuple):
    """``usd`` is a decimal number. ``is_let_go``: ``gc`` took its texts away."""

    phase_id: str
    attempt: int
    role: str
    ordinal: int
    provider: str
    model: str
    answering_model: str | None
    state: str
    stop: str | None
    error: str | None
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    usd: str | None
    ceiling_tokens: int
    ceiling_usd: str | None
    is_replayed: bool
    is_let_go: bool

    @property
    def cost(self) -> CallCost:
        tokens = self.input_tokens, self.output_tokens, self.cache_read_tokens, self.cache_write_tokens
        ceiling = self.ceiling_tokens, amounts(self.ceiling_usd)
        return CallCost(CallState(self.state), *tokens, amounts(self.usd), *ceiling, self.is_replayed)


_CALL: Final = core_table(CallRow).c
_OF_PHASES: Final[Select[Any]] = (
    select(*(_CALL[name] for name in BriefCall._fields[:-1]), func.length(_CALL.request_json) == len(LET_GO))
    .where(_CALL.run_id == bindparam("of_run"), _CALL.phase_id.in_(bindparam("of_phases", expanding=True)))
    .order_by(_CALL.id)
)


def brief_calls(database: Database, run_id: str, phases: Sequence[str]) -> tuple[BriefCall, ...]:
    """The calls of these phases, oldest first."""
    return tuple(map(BriefCall._make, database.rows(_OF_PHASES, of_run=run_id, of_phases=phases)))
