"""Whether too much has gone wrong in a run: what was counted, against the health budget. Pure."""

from collections.abc import Iterator

from autopack.core.failure import RULES, FailureKind
from autopack.core.model import Frozen
from autopack.core.models_settings import HealthBudget


class Health(Frozen):
    """What went wrong since the run began, or since a person reset it.

    ``provider``: questions that a provider was given up over. ``patch``: attempts whose edits could not be used. ``failures``: all failed
    attempts and all those questions.
    """

    provider: int = 0
    patch: int = 0
    failures: int = 0

    def after(self, kind: FailureKind) -> "Health":
        """With one more failed attempt."""
        return self.model_copy(update={"patch": self.patch + is_patch_failure(kind), "failures": self.failures + 1})


def is_patch_failure(kind: FailureKind) -> bool:
    return RULES[kind].label == "patch_apply_error"


def why_spent(health: Health, budget: HealthBudget) -> str | None:
    """The sentence of the first limit that is reached; None where none is."""
    reached = next(((used, most, what) for used, most, what in _limits(health, budget) if used >= most), None)
    if reached is None:
        return None
    used, most, what = reached
    return f"The run's health budget is spent: {used} {what}, of {most} that models.yaml allows (health_budget)."


def told(health: Health, budget: HealthBudget) -> str:
    """Each count beside its limit."""
    return ", ".join(f"{used} of {most} {what}" for used, most, what in _limits(health, budget))


def is_near_limit(health: Health, budget: HealthBudget, ratio: float) -> bool:
    """Whether that share of one of the limits is used up."""
    return any(used >= ratio * most for used, most, _ in _limits(health, budget))


def _limits(health: Health, budget: HealthBudget) -> Iterator[tuple[int, int, str]]:
    yield health.provider, budget.max_http_500_per_run, "questions that a provider let down"
    yield health.patch, budget.max_patch_failures_per_run, "attempts whose edits could not be used"
    yield health.failures, budget.max_total_failures_per_run, "failures"
