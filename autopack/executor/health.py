"""Judges a run's health by its rows. A replay buys nothing and is never stopped by it."""

from autopack.core.errors import BudgetSpentError
from autopack.core.failure import FailureKind
from autopack.core.health import is_near_limit, why_spent
from autopack.executor.run_context import RunContext
from autopack.store.health import health_of


def check_health(ctx: RunContext) -> None:
    """Raises BudgetSpentError where too much has gone wrong to begin another attempt."""
    why = why_unhealthy(ctx)
    if why is not None:
        raise BudgetSpentError("health", why)


def why_unhealthy(ctx: RunContext, failed: FailureKind | None = None) -> str | None:
    """Which limit is reached, counting an attempt that has ``failed`` and is not recorded yet; None where none is."""
    if ctx.replay is not None:
        return None
    health = health_of(ctx.state.database, ctx.run_id)
    return why_spent(health if failed is None else health.after(failed), ctx.settings.models.health_budget)


def is_nearly_unhealthy(ctx: RunContext) -> bool:
    models = ctx.settings.models
    return is_near_limit(
        health_of(ctx.state.database, ctx.run_id), models.health_budget, models.doctor_models.health_budget_near_limit_ratio
    )
