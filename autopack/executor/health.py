"""Judges a run's health by its rows. A replay buys nothing and is never stopped by it."""

from autopack.core.errors import BudgetSpentError
from autopack.core.failure import FailureKind
from autopack.core.health import Health, is_near_limit, told, why_spent
from autopack.executor.run_context import RunContext
from autopack.store.health import health_of


def check_health(ctx: RunContext) -> None:
    """Raises BudgetSpentError where too much has gone wrong to begin another attempt."""
    why = why_unhealthy(ctx)
    if why is not None:
        raise BudgetSpentError("health", why)


def why_unhealthy(ctx: RunContext, failed: FailureKind | None = None) -> str | None:
    """Which limit is reached, counting an attempt that has ``failed`` and is not recorded yet; None where none is."""
    return why_spent(_health(ctx, failed), ctx.settings.models.health_budget) if ctx.replay is None else None


def health_in_words(ctx: RunContext, failed: FailureKind | None = None) -> str:
    """What has gone wrong in the run, each count beside its limit."""
    return told(_health(ctx, failed), ctx.settings.models.health_budget)


def _health(ctx: RunContext, failed: FailureKind | None) -> Health:
    health = health_of(ctx.state.database, ctx.run_id)
    return health if failed is None else health.after(failed)


def is_nearly_unhealthy(ctx: RunContext) -> bool:
    models = ctx.settings.models
    return is_near_limit(
        health_of(ctx.state.database, ctx.run_id), models.health_budget, models.doctor_models.health_budget_near_limit_ratio
    )
