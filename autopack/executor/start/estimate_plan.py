"""Estimates a plan before anything of it is bought: best, likely and worst, calibrated on what this project's phases took."""

from collections.abc import Iterator
from statistics import fmean, median
from typing import Final

from autopack.core.clock import Clock
from autopack.core.errors import UserError
from autopack.core.model import Frozen
from autopack.core.outlook import PhaseOutlook
from autopack.core.plan import Plan
from autopack.core.states import ENDED
from autopack.executor.attempt.estimate import Fitting, first_auditors, first_prompt, likely_usage
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ProjectState, open_project, pinned_plan
from autopack.executor.start.dry_run import outlook
from autopack.executor.start.run_inputs import run_inputs_of
from autopack.store.finished_phases import FinishedPhase, finished_phases
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import GitError

LOOKED_AT_MAX: Final = 12


class Amount(Frozen):
    """``usd`` is None where a price is not known, both where no model has a key."""

    tokens: int | None
    usd: float | None


_UNKNOWN: Final = Amount(tokens=None, usd=None)


class Estimate(Frozen):
    """``best``: the first attempt lands. ``likely``: as many attempts as here were needed so far. ``worst``: all, at their ceilings."""

    id: str
    best: Amount
    likely: Amount
    worst: Amount


class Calibration(Frozen):
    """``factor`` is what recorded phases took, as a multiple of the uncalibrated estimate; half of them lay within ``error`` of it."""

    phases: int = 0
    attempts: float = 1.0
    factor: float = 1.0
    error: float | None = None


class PlanEstimate(Frozen):
    phases: tuple[Estimate, ...]
    total: Estimate
    calibration: Calibration
    notes: tuple[str, ...] = ()


def estimate_plan(options: RunOptions, plan: Plan, clock: Clock) -> PlanEstimate:
    """Raises what ``outlook`` raises."""
    found = outlook(options, clock)
    project = open_project(options.repo, clock, is_dry=True)
    try:
        calibration = _calibration(project, finished_phases(project.database, plan.project))
    finally:
        project.database.close()
    phases = tuple(_estimate(phase, calibration) for phase in found.phases if phase.state not in ENDED)
    return PlanEstimate(phases=phases, total=_total(phases, plan.budget.max_usd), calibration=calibration, notes=found.notes)


def _estimate(phase: PhaseOutlook, calibration: Calibration) -> Estimate:
    if phase.tokens.likely is None or phase.tokens.most is None:
        return Estimate(id=phase.id, best=_UNKNOWN, likely=_UNKNOWN, worst=_UNKNOWN)
    best, times = Amount(tokens=phase.tokens.likely, usd=phase.usd.likely), calibration.factor * calibration.attempts
    most = max(phase.tokens.most, phase.tokens.likely)
    worst = Amount(tokens=most, usd=phase.usd.most)
    usd = None if best.usd is None or worst.usd is None else min(best.usd * times, max(worst.usd, best.usd))
    return Estimate(id=phase.id, best=best, likely=Amount(tokens=min(round(phase.tokens.likely * times), most), usd=usd), worst=worst)


def _total(phases: tuple[Estimate, ...], cap: float | None) -> Estimate:
    best, likely, worst = (_sum(tuple(getattr(phase, kind) for phase in phases), cap) for kind in ("best", "likely", "worst"))
    return Estimate(id="total", best=best, likely=likely, worst=worst)


def _sum(amounts: tuple[Amount, ...], cap: float | None) -> Amount:
    known = [amount.usd for amount in amounts if amount.usd is not None]
    usd = sum(known) if len(known) == len(amounts) else None
    tokens = [amount.tokens for amount in amounts if amount.tokens is not None]
    return Amount(tokens=sum(tokens) if len(tokens) == len(amounts) else None, usd=usd if usd is None or cap is None else min(usd, cap))


def _calibration(project: ProjectState, finished: tuple[FinishedPhase, ...]) -> Calibration:
    """Each finished phase is estimated again, from the commit that it started from, and held against what it took an attempt."""
    if not finished:
        return Calibration()
    ratios = list(_ratios(project, finished[:LOOKED_AT_MAX]))
    attempts = fmean(phase.attempts for phase in finished)
    if not ratios:
        return Calibration(attempts=attempts)
    factor = median(ratios)
    error = median(abs(ratio / factor - 1) for ratio in ratios)
    return Calibration(phases=len(ratios), attempts=attempts, factor=factor, error=error)


def _ratios(project: ProjectState, finished: tuple[FinishedPhase, ...]) -> Iterator[float]:
    """What is gone by now, a commit or a plan of another version, is left out."""
    for phase in finished:
        try:
            plan = pinned_plan(project, project.run(phase.run_id))
            inputs = run_inputs_of(project, plan)
            tree = BaseTree(project.repository.git, phase.parent)
            spec, models = plan.phase(phase.phase_id), inputs.settings.models
            context, prompt = first_prompt(spec, plan, tree, Fitting(inputs.settings, inputs.redactor))
            audits = len(first_auditors(models, inputs.keys, spec))
        except (UserError, GitError):
            continue
        yield phase.tokens / phase.attempts / sum(usage.total for usage in likely_usage(prompt, context, audits=audits))
