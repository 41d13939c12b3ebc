"""Judges a run's health by its rows. A replay buys nothing and is never stopped by it."""

from autopack.core.errors import BudgetSpentError
from autopack.core.failure import FailureKind
from autopack.core.health import Health, is_near_limit, told, why_spent
from autopack.core.models_settings import ModelsSettings
from autopack.executor.run_context import ModelAccess, State
from autopack.store.health import health_of


def check_health(state: State, models: ModelAccess) -> None:
    """Raises BudgetSpentError where too much has gone wrong to begin another attempt."""
    why = why_unhealthy(state, models)
    if why is not None:
        raise BudgetSpentError("health", why)


def why_unhealthy(state: State, models: ModelAccess, failed: FailureKind | None = None) -> str | None:
    """Which limit is reached, counting an attempt that has ``failed`` and is not recorded yet; None where none is."""
    return why_spent(_health(state, failed), models.settings.health_budget) if models.replay is None else None


def health_in_words(state: State, settings: ModelsSettings, failed: FailureKind | None = None) -> str:
    """What has gone wrong in the run, each count beside its limit."""
    return told(_health(state, failed), settings.health_budget)


def _health(state: State, failed: FailureKind | None) -> Health:
    health = health_of(state.database, state.run_id)
    return health if failed is None else health.after(failed)


def is_nearly_unhealthy(state: State, settings: ModelsSettings) -> bool:
    ratio = settings.doctor_models.health_budget_near_limit_ratio
    return is_near_limit(health_of(state.database, state.run_id), settings.health_budget, ratio)
