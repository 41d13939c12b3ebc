"""Opens journals of calls, each with the file in which all repositories of a user see what the others spend."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.settings import Settings
from autopack.core.status import TodayStatus
from autopack.executor.project_state import ProjectState
from autopack.settings.paths import user_state_dir
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.ledger import Ledger


def journal_of(project: ProjectState, settings: Settings, clock: Clock) -> CallJournal:
    """The project's journal; every call counts on its day. Raises EnvironmentBlockedError."""
    return CallJournal(project.database, clock.now, _ledger(project, settings, clock.now(), str(project.database.path)))


def passing_journal(project: ProjectState, settings: Settings, clock: Clock, database: Database) -> CallJournal:
    """One of a database that nobody keeps, whose calls count on their day all the same. Raises EnvironmentBlockedError."""
    now = clock.now()
    return CallJournal(database, clock.now, _ledger(project, settings, now, f"{project.database.path} {now}"))


def _ledger(project: ProjectState, settings: Settings, now: float, state: str) -> Ledger | None:
    """None where there is no room for it, and no cap that needs it."""
    is_needed = settings.max_usd_per_day is not None or settings.max_tokens_per_day is not None or bool(settings.models.provider_quotas)
    path = _path(project)
    if path is None and is_needed:
        user_state_dir(project.environment)  # says what is missing
    return Ledger.open(path, state, now, is_needed=is_needed) if path else None


def spent_today(project: ProjectState, now: float) -> TodayStatus | None:
    """What all repositories of the user have spent today; None where nobody knows. Makes nothing."""
    with _looked_at(project) as ledger:
        return TodayStatus.of(ledger.spent_on_day(now)) if ledger else None


def week_tokens(project: ProjectState, now: float) -> dict[str, int]:
    """Provider -> what all repositories of the user have used of it this week, as a quota counts it. Makes nothing."""
    with _looked_at(project) as ledger:
        return ledger.week_tokens(now) if ledger else {}


@contextmanager
def _looked_at(project: ProjectState) -> Iterator[Ledger | None]:
    path = _path(project)
    ledger = Ledger.look(path, str(project.database.path)) if path is not None and path.is_file() else None
    with closing(ledger) if ledger else nullcontext():
        yield ledger


def _path(project: ProjectState) -> Path | None:
    try:
        return user_state_dir(project.environment) / "ledger.db"
    except EnvironmentBlockedError:
        return None
