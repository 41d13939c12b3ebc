"""Computes what a run may cost, and who set it: the lowest cap of plan, configuration and option."""

from decimal import Decimal
from typing import Any, TypeVar

from autopack.core.budget import Caps, DayCaps, HoursCap, Setter
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.settings import Settings
from autopack.executor.options import RunOptions
from autopack.store.runs import RunColumns
from autopack.store.tables import RunRow

Amount = TypeVar("Amount", int, float)


def caps_of(plan: Plan, settings: Settings, options: RunOptions, run: RunRow | None) -> Caps:
    """The run's caps. A start without an option keeps what the last start was given."""
    found: dict[str, Any] = {}
    of_option_usd = options.max_usd or (run.option_max_usd if run else None)
    usd = _lowest(("plan", plan.budget.max_usd), ("configuration", settings.max_usd), ("option", of_option_usd))
    if usd is not None:
        found |= {"run_usd": Decimal(str(usd[1])), "run_usd_by": usd[0]}
    of_option = options.max_tokens or (run.option_max_tokens if run else None)
    tokens = _lowest(("plan", plan.budget.max_tokens), ("configuration", settings.max_tokens), ("option", of_option))
    if tokens is not None:
        found |= {"run_tokens": tokens[1], "run_tokens_by": tokens[0]}
    return Caps(**found, **of_configuration(settings))


def of_configuration(settings: Settings) -> dict[str, Any]:
    """Those of a call, and of a day over all repositories."""
    return {
        "call_usd": _exact(settings.max_usd_per_call),
        "call_tokens": settings.max_tokens_per_call,
        "day": DayCaps(usd=_exact(settings.max_usd_per_day), tokens=settings.max_tokens_per_day),
    }


def _exact(usd: float | None) -> Decimal | None:
    return None if usd is None else Decimal(str(usd))


def caps_with(caps: Caps, phase: PhaseSpec) -> Caps:
    """The run's caps with those of one phase."""
    return caps.model_copy(update={"phase_usd": _exact(phase.max_usd), "phase_tokens": phase.max_tokens})


def hours_of(plan: Plan, settings: Settings, options: RunOptions, run: RunRow | None) -> HoursCap | None:
    of_option = options.max_hours or (run.option_max_hours if run else None)
    hours = _lowest(("plan", plan.budget.max_hours), ("configuration", settings.max_hours), ("option", of_option))
    return HoursCap(hours=hours[1], by=hours[0]) if hours is not None else None


def columns_of(caps: Caps, hours: HoursCap | None, options: RunOptions, run: RunRow) -> RunColumns:
    """What the run's row keeps: the caps in force, and the options for later starts."""
    return {
        "max_usd": float(caps.run_usd) if caps.run_usd is not None else None,
        "max_tokens": caps.run_tokens,
        "max_hours": hours.hours if hours is not None else None,
        "option_max_usd": options.max_usd or run.option_max_usd,
        "option_max_tokens": options.max_tokens or run.option_max_tokens,
        "option_max_hours": options.max_hours or run.option_max_hours,
    }


def _lowest(*caps: tuple[Setter, Amount | None]) -> tuple[Setter, Amount] | None:
    """The lowest cap; the first one where several are equally low."""
    found = [(by, amount) for by, amount in caps if amount is not None]
    return min(found, key=lambda cap: cap[1], default=None)
