"""What was used in a day, a week or a month, by provider and by model, and how much of a provider's quota that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from autopack.core.cost import Cost, cost_of
from autopack.core.model import Frozen
from autopack.store.costs import CostLine, cost_lines
from autopack.store.database import Database


class Period(StrEnum):
    """This UTC day, alone or with the six or the 29 days before it."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ProviderUsage(Frozen):
    """``cap_tokens`` is the week's quota of ``provider_quotas``; a quota holds over all repositories, and so does ``percent_of_cap``.

    ``prompt_tokens`` are those that were read, from a cache or not. ``usd`` is None where no price is known for any of it.
    """

    provider: str
    period: Period
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cap_tokens: int | None
    percent_of_cap: float | None
    usd: float | None
    unpriced_calls: int


class ModelUsage(Frozen):
    """``model`` is the one that answered, or else the one that was asked."""

    provider: str
    model: str
    period: Period
    calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    usd: float | None
    unpriced_calls: int


class PeriodUsage(Frozen):
    """Of all runs of the repository, or of one. ``since`` is UTC epoch seconds."""

    period: Period
    since: float
    run_id: str | None
    providers: tuple[ProviderUsage, ...]
    models: tuple[ModelUsage, ...]


@dataclass(frozen=True)
class Quotas:
    """By provider: the tokens of its week, and those that all repositories of the user have used of them."""

    caps: Mapping[str, int]
    used: Mapping[str, int]


def period_usage(database: Database, period: Period, run_id: str | None, quotas: Quotas, now: float) -> PeriodUsage:
    since = begin_of(period, now)
    with database.read() as session:
        lines = cost_lines(session.connection(), run_id, since)
    providers: dict[str, list[CostLine]] = {}
    models: dict[tuple[str, str], list[CostLine]] = {}
    for line in lines:
        provider, _, model = line.asked.partition("/")
        providers.setdefault(provider, []).append(line)
        models.setdefault((provider, line.answered_by or model), []).append(line)
    return PeriodUsage(
        period=period,
        since=since,
        run_id=run_id,
        providers=tuple(_provider(name, period, group, quotas) for name, group in providers.items()),
        models=tuple(_model(names, period, group) for names, group in models.items()),
    )


def begin_of(period: Period, now: float) -> float:
    day = datetime.fromtimestamp(now, UTC).date() - timedelta(days=_DAYS_BEFORE[period])
    return datetime.combine(day, time.min, UTC).timestamp()


_DAYS_BEFORE: Final = {Period.DAY: 0, Period.WEEK: 6, Period.MONTH: 29}


def _provider(name: str, period: Period, lines: Sequence[CostLine], quotas: Quotas) -> ProviderUsage:
    cost = cost_of(line.cost for line in lines)
    cap = quotas.caps.get(name) if period is Period.WEEK else None
    return ProviderUsage(
        provider=name,
        period=period,
        prompt_tokens=_prompt(cost),
        completion_tokens=cost.usage.output_tokens,
        total_tokens=cost.usage.total,
        cap_tokens=cap,
        percent_of_cap=round(100 * quotas.used.get(name, cost.spent.tokens) / cap, 1) if cap else None,
        usd=cost.status.usd,
        unpriced_calls=cost.unpriced,
    )


def _model(names: tuple[str, str], period: Period, lines: Sequence[CostLine]) -> ModelUsage:
    provider, model = names
    cost = cost_of(line.cost for line in lines)
    return ModelUsage(
        provider=provider,
        model=model,
        period=period,
        calls=cost.calls,
        prompt_tokens=_prompt(cost),
        completion_tokens=cost.usage.output_tokens,
        total_tokens=cost.usage.total,
        usd=cost.status.usd,
        unpriced_calls=cost.unpriced,
    )


def _prompt(cost: Cost) -> int:
    return cost.usage.total - cost.usage.output_tokens
