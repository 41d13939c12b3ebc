"""Decides how a start ends (state, exit code, reason) from the phases or from what was raised, and notifies the user."""

import json
import signal
from dataclasses import dataclass, replace

from autopack.checks.commands.check import check_candidate
from autopack.checks.commands.environment import build_environment
from autopack.checks.commands.notify import notify
from autopack.core.checking import CheckStatus
from autopack.core.errors import (
    BudgetSpentError,
    EnvironmentBlockedError,
    InvalidInputError,
    ProviderBlockedError,
    RunRolledBack,
    StopRequested,
    UsageError,
)
from autopack.core.events import EventName, run_event
from autopack.core.exit_code import ExitCode
from autopack.core.machine import machine_sentence
from autopack.core.plan import Checks, Plan
from autopack.core.printed import SCHEMA
from autopack.core.states import LOST, PhaseState, RunState
from autopack.core.transitions import RunEvent
from autopack.core.visible import escaped
from autopack.executor.attempt.attempt_base import require_landed
from autopack.executor.attempt.error_reports import of_final_checks, write_files
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from autopack.executor.commands.command_site import environment_sources_of
from autopack.executor.run_context import State, WorkSite


@dataclass(frozen=True)
class Ending:
    """Why a start ended, for scripts and as a sentence. ``cap_by``: who set the cap that it met."""

    code: ExitCode
    reason: str | None
    message: str | None
    cap_by: str | None = None


def ending_of_phases(site: WorkSite) -> tuple[RunEvent, Ending]:
    states = states_of(site.plan, site.state)
    held = [name for name, state in states.items() if state is PhaseState.HELD]
    lost = [name for name, state in states.items() if state in LOST]
    if held:
        return RunEvent.HOLD, Ending(ExitCode.HELD, "held", f"waits for a person: {', '.join(held)}.")
    if lost:
        return RunEvent.FAIL, Ending(ExitCode.FAILED, "phases", f"not complete: {', '.join(lost)}.")
    failure = final_failure(site)
    if failure is not None:
        return RunEvent.FAIL, Ending(ExitCode.FAILED, "final", failure)
    require_landed(site.state, site.branch)
    return RunEvent.FINISH, Ending(ExitCode.COMPLETE, None, None)


def ending_of_error(error: Exception) -> tuple[RunEvent, Ending]:
    """What an exception that reached the outermost frame means for the run."""
    match error:
        case InvalidInputError() | UsageError():  # the model that a person gave a phase may no longer exist
            return RunEvent.BLOCK, Ending(ExitCode.INVALID_INPUT, "configuration", error.message)
        case BudgetSpentError():
            return RunEvent.STOP, Ending(ExitCode.STOPPED, error.reason, error.message, error.cap_by)
        case ProviderBlockedError():
            return RunEvent.BLOCK, Ending(ExitCode.NO_PROVIDER, "provider", error.message)
        case _ if (sentence := _of_the_machine(error)) is not None:
            return RunEvent.BLOCK, Ending(ExitCode.ENVIRONMENT, "environment", sentence)
        case RunRolledBack():
            return RunEvent.FAIL, Ending(ExitCode.FAILED, "rolled_back", str(error))
        case _:
            return RunEvent.INTERRUPT, _interrupted(error)


def final_failure(site: WorkSite) -> str | None:
    """Why the run is not complete although its phases are; None where the final checks are green or there are none."""
    steps = site.plan.final.steps
    if not steps:
        return None
    head = site.branch.head()
    if head is None:
        return f"the branch {site.branch.branch} is gone, so its final checks cannot run."
    checks = Checks(steps=steps)
    report = check_candidate(tree_of(site.tree, head), None, checks, check_site_for(site, "final-0", checks, CheckedTree(site)))
    error = of_final_checks(site.log, checks, report)
    site.log.tell(
        EventName.FINAL_CHECKS, error=error, status=report.status.value, passed=report.passed, failed=report.failed, message=report.message
    )
    if error is not None:
        write_files(site.state)
    return None if report.status is CheckStatus.GREEN else f"the final checks are red: {report.message}"


def notify_of(site: WorkSite, state: RunState) -> None:
    """Runs the user's command; its failure is an event and nothing more."""
    settings = site.settings.notify
    if not settings.command or state.value not in settings.on:
        return
    run = site.state.runs.get(site.state.run_id)
    phases = {row.phase_id: row.state for row in site.state.phases.all()}
    record = {
        "schema": SCHEMA,
        "event": run_event(state),
        "run_id": site.state.run_id,
        "state": state.value,
        "reason": run.reason,
        "message": run.message,
        "exit_code": run.exit_code,
        "repo": str(site.repository.top),
        "branch": run.branch,
        "phases": phases,
    }
    told = escaped(site.log.redactor.redact(json.dumps(record, ensure_ascii=False)))
    failure = notify(settings.command, told, build_environment(replace(environment_sources_of(site), home=None)))
    if failure is not None:
        site.log.tell(EventName.NOTIFY_FAILED, message=failure)


def states_of(plan: Plan, state: State) -> dict[str, PhaseState]:
    planned = {phase.id for phase in plan.phases}
    return {row.phase_id: PhaseState(row.state) for row in state.phases.all() if row.phase_id in planned}


def _of_the_machine(error: Exception) -> str | None:
    return error.message if isinstance(error, EnvironmentBlockedError) else machine_sentence(error)


def _interrupted(error: Exception) -> Ending:
    if isinstance(error, StopRequested):
        return _stopped(error)
    return Ending(ExitCode.DEFECT, "defect", f"a defect of Autopack: {type(error).__name__}: {error}")


def _stopped(stop: StopRequested) -> Ending:
    match stop.signal_number:
        case 0:
            return Ending(ExitCode.INTERRUPTED, "stop", "stopped by 'autopack stop'.")
        case 2:
            return Ending(ExitCode.INTERRUPTED, "interrupted", "interrupted from the keyboard.")
        case signal.SIGHUP:
            return Ending(ExitCode.TERMINATED, "terminated", "the terminal that it ran on was closed (SIGHUP).")
        case signal.SIGPIPE:
            return Ending(ExitCode.TERMINATED, "terminated", "nobody reads its events any more.")
        case number:
            return Ending(ExitCode.TERMINATED, "terminated", f"a signal from outside ended it ({signal.Signals(number).name}).")
