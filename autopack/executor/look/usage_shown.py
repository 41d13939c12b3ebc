"""Shows what was used in a period beside the quotas of this user's providers."""

from autopack.executor.project_state import ProjectState
from autopack.executor.spending import week_tokens
from autopack.reporting.period_usage import Period, PeriodUsage, Quotas, period_usage


def usage_shown(project: ProjectState, period: Period, run_id: str | None, now: float) -> PeriodUsage:
    """Of a run, or of all. Raises UnknownNameError for a run that is not there, InvalidInputError where the configuration has faults."""
    chosen = project.run(run_id).run_id if run_id is not None else None
    caps = {name: quota.weekly_token_cap for name, quota in project.effective.settings.models.provider_quotas.items()}
    return period_usage(project.database, period, chosen, Quotas(caps, week_tokens(project, now) if caps else {}), now)
