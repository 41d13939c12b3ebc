"""Counts from a run's phases and budget what dashboards show first: how far it is, how much of its tokens is used, what to look at."""

from collections.abc import Iterator, Sequence
from typing import Final, TypedDict

from autopack.core.quality import QualityLevel
from autopack.core.states import WORKING, PhaseState
from autopack.core.status import BudgetStatus, PhaseStatus


class RunFigures(TypedDict):
    """Fields of ``RunStatus``."""

    current_phase: str | None
    total_phases: int
    completed_phases: int
    percent_complete: float
    tokens_used: int
    token_cap: int | None
    token_utilization: float | None
    quality_level: str | None
    quality_blocked: bool
    quality_warnings: tuple[str, ...]


def figures_of(phases: Sequence[PhaseStatus], budget: BudgetStatus) -> RunFigures:
    done = sum(phase.state == PhaseState.COMPLETE for phase in phases)
    levels = {phase.quality_level for phase in phases}
    level = next((one for one in _WORST_FIRST if one in levels), None)
    return {
        "current_phase": next((phase.id for phase in phases if phase.state in _IN_HAND), None),
        "total_phases": len(phases),
        "completed_phases": done,
        "percent_complete": _percent(done, len(phases)),
        "tokens_used": budget.spent_tokens,
        "token_cap": budget.max_tokens,
        "token_utilization": _percent(budget.spent_tokens, budget.max_tokens) if budget.max_tokens else None,
        "quality_level": level,
        "quality_blocked": level is QualityLevel.BLOCKED,
        "quality_warnings": tuple(_warnings(phases)),
    }


_IN_HAND: Final = frozenset({*WORKING, PhaseState.RECOVERING})
_WORST_FIRST: Final = (QualityLevel.BLOCKED, QualityLevel.NEEDS_REVIEW, QualityLevel.OK)


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _warnings(phases: Sequence[PhaseStatus]) -> Iterator[str]:
    for phase in phases:
        if phase.quality_level == QualityLevel.BLOCKED:
            yield f"{phase.id} is {phase.state}: {_why(phase)}"
        elif phase.quality_level == QualityLevel.NEEDS_REVIEW:
            yield f"{phase.id} needs review: {_why(phase)}"


def _why(phase: PhaseStatus) -> str:
    if phase.held_because is not None and phase.held_because.message:
        return phase.held_because.message
    if phase.failure is not None:
        return phase.failure.message
    found = [f"a risk of {phase.risk} points"] if phase.risk else []
    found += [f"{phase.tests.changed} tests changed, {phase.tests.gone} gone"] if phase.tests else []
    return f"{', '.join(found) or 'look at it'}."
