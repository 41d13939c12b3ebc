"""Counts what went wrong in a run, from the rows of its attempts and events."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.health import Health, is_patch_failure
from autopack.store.attempts import BriefAttempt, attempts_seen
from autopack.store.database import Database
from autopack.store.events import events_named
from autopack.store.runs import run_of
from autopack.store.tables import RunRow


def health_of(database: Database, run_id: str) -> Health:
    with database.read() as session:
        run, attempts = run_of(session.connection(), run_id), attempts_seen(session.connection(), run_id)
        return health_seen(session.connection(), run, attempts) if run else Health()


def health_seen(connection: Connection, run: RunRow, attempts: Sequence[BriefAttempt]) -> Health:
    """``attempts`` are those of the run."""
    failed = Counter(FailureKind(one.failure_kind or "") for one in attempts if _counts(one, run.health_since))
    given_up = sum(event.time > run.health_since for event in events_named(connection, run.run_id, EventName.PROVIDER_GIVEN_UP))
    patch = sum(count for kind, count in failed.items() if is_patch_failure(kind))
    return Health(provider=given_up, patch=patch, failures=failed.total() + given_up)


def _counts(attempt: BriefAttempt, since: float) -> bool:
    """Not what a person committed or turned down."""
    is_since = attempt.ended is not None and attempt.ended > since
    return is_since and attempt.outcome == "failed" and not attempt.is_adopted and attempt.failure_kind != FailureKind.REVIEW_REJECTED
