"""Opens the file in which all repositories of a user see what the others spend."""

from contextlib import closing
from pathlib import Path

from autopack.core.budget import Spent
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.settings import Settings
from autopack.executor.project_state import ProjectState
from autopack.settings.paths import user_state_dir
from autopack.store.ledger import Ledger


def ledger_of(project: ProjectState, settings: Settings, now: float) -> Ledger | None:
    """None where there is no room for it, and no cap that needs it. Raises EnvironmentBlockedError."""
    is_needed = settings.max_usd_per_day is not None or settings.max_tokens_per_day is not None or bool(settings.models.provider_quotas)
    path = _path(project)
    if path is None and is_needed:
        user_state_dir(project.environment)  # says what is missing
    return Ledger.open(path, str(project.database.path), now, is_needed=is_needed) if path else None


def spent_today(project: ProjectState, now: float) -> Spent | None:
    """What all repositories of the user have spent today; None where nobody knows. Makes nothing."""
    path = _path(project)
    if path is None or not path.is_file():
        return None
    ledger = Ledger.open(path, str(project.database.path), now, is_needed=False)
    if ledger is None:
        return None
    with closing(ledger):
        return ledger.spent_on_day(now)


def _path(project: ProjectState) -> Path | None:
    try:
        return user_state_dir(project.environment) / "ledger.db"
    except EnvironmentBlockedError:
        return None
