"""Counts what went wrong in a run, from the rows of its attempts and events."""

from typing import Final

from sqlalchemy import bindparam, func, select

from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.health import Health, is_patch_failure
from autopack.store.database import Database
from autopack.store.tables import AttemptRow, EventRow, RunRow, core_table

_RUN: Final = core_table(RunRow).c
_ATTEMPT: Final = core_table(AttemptRow).c
_EVENT: Final = core_table(EventRow).c
_SINCE: Final = select(_RUN.health_since).where(_RUN.run_id == bindparam("of_run")).scalar_subquery()
_FAILED: Final = (
    select(_ATTEMPT.failure_kind, func.count().label("total"))
    .where(_ATTEMPT.run_id == bindparam("of_run"), _ATTEMPT.outcome == "failed", _ATTEMPT.ended_at > _SINCE)
    .where(_ATTEMPT.is_adopted.is_(False), _ATTEMPT.failure_kind != FailureKind.REVIEW_REJECTED)
    .group_by(_ATTEMPT.failure_kind)
)
"""Not what a person committed or turned down."""

_GIVEN_UP: Final = select(func.count()).where(
    _EVENT.run_id == bindparam("of_run"), _EVENT.event == EventName.PROVIDER_GIVEN_UP, _EVENT.time > _SINCE
)


def health_of(database: Database, run_id: str) -> Health:
    failed = {FailureKind(row.failure_kind): int(row.total) for row in database.rows(_FAILED, of_run=run_id)}
    ((given_up,),) = database.rows(_GIVEN_UP, of_run=run_id)
    patch = sum(count for kind, count in failed.items() if is_patch_failure(kind))
    return Health(provider=given_up, patch=patch, failures=sum(failed.values()) + given_up)
