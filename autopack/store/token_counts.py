"""What the latest replies of a model reported of their prompts' tokens, beside what these were estimated at; and what a run goes by."""

from typing import Final

from sqlalchemy import bindparam, select

from autopack.core.call import CallState
from autopack.core.token_count import CHARACTERS_PER_TOKEN, Counted
from autopack.store.database import Database
from autopack.store.tables import CallRow, RunRow, core_table

_LATEST: Final = 50
_CALL: Final = core_table(CallRow).c
_INPUT: Final = _CALL.input_tokens + _CALL.cache_read_tokens + _CALL.cache_write_tokens
_REPORTED: Final = (
    select(_CALL.estimated_tokens.label("estimated"), _INPUT.label("reported"))
    .where(_CALL.provider == bindparam("of_provider"), _CALL.model == bindparam("of_model"), _CALL.state == CallState.REPLIED)
    .where(_CALL.is_replayed.is_(False), _INPUT > 0, _CALL.estimated_tokens > 0)
    .order_by(_CALL.id.desc())
    .limit(_LATEST)
)
_RUN: Final = core_table(RunRow).c
_OF_RUN: Final = select(_RUN.characters_per_token).where(_RUN.run_id == bindparam("of_run"))


def counted(database: Database, provider: str, model: str) -> Counted:
    """Of all runs in this state; a reply whose server reports no usage tells nothing."""
    rows = database.rows(_REPORTED, of_provider=provider, of_model=model)
    return Counted(estimated=sum(row.estimated for row in rows), reported=sum(row.reported for row in rows))


def characters_per_token_of(database: Database, run_id: str) -> float:
    """What the run was made with: all that it shows is fitted by that."""
    found = database.rows(_OF_RUN, of_run=run_id)
    return float(found[0][0]) if found else CHARACTERS_PER_TOKEN
