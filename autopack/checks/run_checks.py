"""Runs the steps of a phase's checks in order; the first one that is not green ends them."""

from autopack.checks.place import Place
from autopack.checks.step import run_step
from autopack.core.checking import StepReport, StepStatus
from autopack.core.plan import Checks


def run_steps(checks: Checks, place: Place) -> tuple[StepReport, ...]:
    """The reports of the steps that ran; the log is kept if one was not green, or ``log_on_success`` asks for it."""
    reports: list[StepReport] = []
    for step in checks.steps:
        reports.append(run_step(step, checks.cwd, place).report)
        if reports[-1].status is not StepStatus.GREEN:
            return tuple(reports)
    drop_log(checks, place)
    return tuple(reports)


def drop_log(checks: Checks, place: Place) -> None:
    """Green checks leave no log, unless the plan wants one."""
    if place.log is not None and not checks.log_on_success:
        place.log.unlink(missing_ok=True)
