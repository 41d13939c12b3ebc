"""Drives a run from wherever it stands to the end of this start, and records how it ended."""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass

from autopack.core.errors import (
    AttemptFailed,
    BudgetSpentError,
    EnvironmentBlockedError,
    InvalidInputError,
    ProviderBlockedError,
    ScopeGranted,
    StopRequested,
    UsageError,
)
from autopack.core.exit_code import ExitCode
from autopack.core.machine import machine_sentence
from autopack.core.plan import PhaseSpec
from autopack.core.states import LOST, PhaseState, RunState
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.executor.attempt_base import base_of_attempt, require_landed, warn_of_checkout
from autopack.executor.attempt_phase import attempt_phase
from autopack.executor.final_checks import final_failure
from autopack.executor.granted import widened
from autopack.executor.hours import check_hours
from autopack.executor.notifying import notify_of
from autopack.executor.phase_context import begin_attempt
from autopack.executor.prepare import prepare
from autopack.executor.recover_phase import record_failure, recover_phase
from autopack.executor.schedule import lost_phases, next_phase
from autopack.executor.stopping import StopFlag
from autopack.executor.workbench import Workbench
from autopack.store.ballast import Ballast
from autopack.store.disk_errors import is_disk_full
from autopack.store.phase_changes import Skipped
from autopack.store.runs import RunColumns, Runs
from autopack.worktree.removing import remove_tree


@dataclass(frozen=True)
class Start:
    """One start of a run: it is in ``runs`` and its lock is held.

    ``open_bench`` makes what the start works with; what it raises ends the run like anything else. ``report`` is told of a full
    disk and of an exception that is nobody's but Autopack's, before that is raised again. ``redact`` takes secrets out of what is
    recorded. ``stop`` is armed while there is an end to be decided. ``now`` gives UTC epoch seconds.
    """

    runs: Runs
    ballast: Ballast
    run_id: str
    open_bench: Callable[[], AbstractContextManager[Workbench]]
    report: Callable[[Exception], None]
    redact: Callable[[str], str]
    stop: StopFlag
    now: Callable[[], float]


def execute_run(start: Start) -> RunState:
    """The state the run ended in; every way out is recorded before it is returned or raised."""
    runs, run_id, now = start.runs, start.run_id, start.now
    runs.move(run_id, RunEvent.START, reason=None, message=None, cap_by=None, exit_code=None, stop_requested=False, started_at=now())
    with ExitStack() as stack:
        bench: Workbench | None = None
        full: Exception | None = None
        try:
            start.stop.arm()
            bench = stack.enter_context(start.open_bench())
            prepare(bench)
            _work(bench)
            event, ending = _ending(bench)
            start.stop.disarm()
        except Exception as error:
            start.stop.disarm()
            event, ending = ending_of(error)
            if is_disk_full(error):
                full = error
                start.ballast.free()
            if ending.code is ExitCode.DEFECT:
                _record(start, event, ending)
                start.report(error)
                raise
        state = _record(start, event, ending)
        if full is not None:
            start.report(full)
        if bench is not None:
            notify_of(bench, state)
            if state is RunState.COMPLETE:
                for folder in (bench.scratch, bench.home):
                    with suppress(OSError):
                        remove_tree(folder)
                bench.work_tree.remove()
    return state


@dataclass(frozen=True)
class Ending:
    """Why a start ended: for scripts, and as a sentence. ``cap_by``: who set the cap that it met."""

    code: ExitCode
    reason: str | None
    message: str | None
    cap_by: str | None = None


def ending_of(error: Exception) -> tuple[RunEvent, Ending]:
    """What an exception that reached the outermost frame means for the run."""
    match error:
        case InvalidInputError() | UsageError():  # the model that a phase was given may be none any more
            return RunEvent.BLOCK, Ending(ExitCode.INVALID_INPUT, "configuration", error.message)
        case BudgetSpentError():
            return RunEvent.STOP, Ending(ExitCode.STOPPED, error.reason, error.message, error.cap_by)
        case ProviderBlockedError():
            return RunEvent.BLOCK, Ending(ExitCode.NO_PROVIDER, "provider", error.message)
        case _ if (sentence := _of_the_machine(error)) is not None:
            return RunEvent.BLOCK, Ending(ExitCode.ENVIRONMENT, "environment", sentence)
        case StopRequested():
            return RunEvent.INTERRUPT, _stopped(error)
        case _:
            return RunEvent.INTERRUPT, Ending(ExitCode.DEFECT, "defect", f"a defect of Autopack: {type(error).__name__}: {error}")


def _record(start: Start, event: RunEvent, ending: Ending) -> RunState:
    """On a disk that is full by now, in the room of the ballast."""
    columns: RunColumns = {
        "exit_code": int(ending.code),
        "reason": ending.reason,
        "message": start.redact(ending.message) if ending.message else None,
        "cap_by": ending.cap_by,
        "ended_at": start.now(),
    }
    try:
        return start.runs.move(start.run_id, event, **columns)
    except EnvironmentBlockedError as error:
        if start.ballast.free_for(error):
            return start.runs.move(start.run_id, event, **columns)
        raise


def _of_the_machine(error: Exception) -> str | None:
    return error.message if isinstance(error, EnvironmentBlockedError) else machine_sentence(error)


def _work(bench: Workbench) -> None:
    while True:
        states = _states(bench)
        for lost, cause in lost_phases(bench.plan, states):
            bench.state.phases.move(lost, PhaseEvent.SKIP, change=Skipped(because=cause))
        phase_id = next_phase(bench.plan, _states(bench))
        if phase_id is None:
            return
        bench.stop.check()
        check_hours(bench)
        _advance(bench, bench.plan.phase(phase_id))


def _advance(bench: Workbench, phase: PhaseSpec) -> None:
    phases = bench.state.phases
    if phases.get(phase.id).state == PhaseState.RECOVERING:
        recover_phase(bench, phase)
        return
    phase = widened(phase, phases.get(phase.id))
    key = phases.open_attempt(phase.id)
    if key is None:
        head = base_of_attempt(bench, phase)
        if head is None:
            return
        warn_of_checkout(bench, phase)
        key = begin_attempt(bench, phase, head)
    try:
        attempt_phase(bench, phase, key)
    except AttemptFailed as failed:
        record_failure(bench, key, failed)
        recover_phase(bench, phase)
    except ScopeGranted as granted:
        phases.grant(key, granted.paths, bench.redactor.redact(str(granted)))


def _ending(bench: Workbench) -> tuple[RunEvent, Ending]:
    states = _states(bench)
    held = [name for name, state in states.items() if state is PhaseState.HELD]
    lost = [name for name, state in states.items() if state in LOST]
    if held:
        return RunEvent.HOLD, Ending(ExitCode.HELD, "held", f"waits for a person: {', '.join(held)}.")
    if lost:
        return RunEvent.FAIL, Ending(ExitCode.FAILED, "phases", f"not complete: {', '.join(lost)}.")
    failure = final_failure(bench)
    if failure is not None:
        return RunEvent.FAIL, Ending(ExitCode.FAILED, "final", failure)
    require_landed(bench)
    return RunEvent.FINISH, Ending(ExitCode.COMPLETE, None, None)


def _states(bench: Workbench) -> dict[str, PhaseState]:
    planned = {phase.id for phase in bench.plan.phases}
    return {row.phase_id: PhaseState(row.state) for row in bench.state.phases.all() if row.phase_id in planned}


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
            return Ending(ExitCode.TERMINATED, "terminated", f"ended from outside ({signal.Signals(number).name}).")
