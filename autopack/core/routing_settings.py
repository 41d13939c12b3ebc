"""Who is asked for a category of phases, who stands in when a provider fails, and how much a provider may be used."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from autopack.core.categories import is_same
from autopack.core.model import Frozen


class EscalateTo(Frozen):
    """Who builds and who audits once so many attempts of a phase have failed."""

    builder: str | None = None
    auditor: str | None = None
    after_attempts: Annotated[int, Field(ge=1)] = 2


class RoutingPolicy(Frozen):
    """Who is asked for a category of phases.

    ``best_first`` begins with the best and asks no other one; ``progressive`` goes from its first model to ``escalate_to`` and on through
    the tiers; ``cheap_first`` goes to ``escalate_to`` and no further. ``dual_audit``: a second auditor judges each candidate.
    """

    strategy: Literal["best_first", "progressive", "cheap_first"]
    builder_primary: str | None = None
    auditor_primary: str | None = None
    secondary_auditor: str | None = None
    dual_audit: bool = False
    escalate_to: EscalateTo | None = None

    @model_validator(mode="after")
    def _judge(self) -> Self:
        if self.strategy == "best_first" and self.escalate_to is not None:
            raise ValueError("best_first begins with the best model: take escalate_to out, or say progressive.")
        return self


class FallbackStrategy(Frozen):
    """Model -> who is asked when its provider fails; a category's own list stands in for all of these, an empty one forbids them."""

    default_fallbacks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    by_category: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def of_category(self, category: str) -> tuple[str, ...] | None:
        return _of(self.by_category, category)


class ProviderQuota(Frozen):
    """Tokens of a week over all repositories; from the soft limit on the other providers are asked first."""

    weekly_token_cap: Annotated[int, Field(gt=0)]
    soft_limit_ratio: Annotated[float, Field(ge=0, le=1)] = 0.8


Policies = dict[str, RoutingPolicy]
Value = TypeVar("Value")


def policy_of(policies: Policies, category: str) -> RoutingPolicy | None:
    return _of(policies, category)


def _of(found: dict[str, Value], category: str) -> Value | None:
    exact = found.get(category)
    return exact if exact is not None else next((value for name, value in found.items() if is_same(name, category)), None)
