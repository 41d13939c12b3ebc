"""Drives a run from wherever it stands to the end of this start, and records how it ended."""

from autopack.core.errors import (
    AttemptFailed,
    BudgetSpentError,
    EnvironmentBlockedError,
    InvalidInputError,
    ProviderBlockedError,
    StopRequested,
)
from autopack.core.exit_code import ExitCode
from autopack.core.plan import PhaseSpec
from autopack.core.states import LOST, PhaseState, RunState
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.executor.attempt_base import base_of_attempt
from autopack.executor.attempt_phase import attempt_phase
from autopack.executor.final_checks import final_failure
from autopack.executor.granted import widened
from autopack.executor.hours import check_hours
from autopack.executor.notifying import notify_of
from autopack.executor.phase_context import begin_attempt
from autopack.executor.prepare import prepare
from autopack.executor.recover_phase import record_failure, recover_phase
from autopack.executor.schedule import lost_phases, next_phase
from autopack.executor.workbench import Workbench
from autopack.store.phases import Produced


def execute_run(bench: Workbench, notes: tuple[str, ...] = ()) -> RunState:
    """The state the run ended in; every way out is recorded before it is returned or raised."""
    runs, run_id = bench.state.runs, bench.run_id
    runs.move(run_id, RunEvent.START, reason=None, message=None, exit_code=None, stop_requested=False, started_at=bench.clock.now())
    try:
        prepare(bench, notes)
        _work(bench)
        event, ending = _ending(bench)
    except InvalidInputError as error:
        event, ending = RunEvent.BLOCK, _end(ExitCode.INVALID_INPUT, "configuration", error.message)
    except BudgetSpentError as error:
        event, ending = RunEvent.STOP, _end(ExitCode.STOPPED, error.reason, error.message)
    except ProviderBlockedError as error:
        event, ending = RunEvent.BLOCK, _end(ExitCode.NO_PROVIDER, "provider", error.message)
    except EnvironmentBlockedError as error:
        event, ending = RunEvent.BLOCK, _end(ExitCode.ENVIRONMENT, "environment", error.message)
    except StopRequested as stop:
        event, ending = RunEvent.INTERRUPT, _stopped(stop)
    except Exception as error:
        runs.move(run_id, RunEvent.INTERRUPT, **_end(ExitCode.DEFECT, "defect", f"a defect of Autopack: {type(error).__name__}: {error}"))
        raise
    state = runs.move(run_id, event, **ending, ended_at=bench.clock.now())
    notify_of(bench, state)
    return state


def _work(bench: Workbench) -> None:
    while True:
        states = _states(bench)
        for lost, cause in lost_phases(bench.plan, states):
            told = Produced(phase={"skipped_because": cause}, data={"because": cause})
            bench.state.phases.move(lost, PhaseEvent.SKIP, produced=told)
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
    row = phases.get(phase.id)
    phase = widened(phase, row, phases.feedback(phase.id))
    key = phases.open_attempt(phase.id)
    if key is None:
        head = base_of_attempt(bench, phase)
        if head is None:
            return
        key = begin_attempt(bench, phase, head)
    try:
        attempt_phase(bench, phase, key)
    except AttemptFailed as failed:
        record_failure(bench, key, failed)
        recover_phase(bench, phase)


def _ending(bench: Workbench) -> tuple[RunEvent, dict[str, object]]:
    states = _states(bench)
    held = [name for name, state in states.items() if state is PhaseState.HELD]
    lost = [name for name, state in states.items() if state in LOST]
    if held:
        return RunEvent.HOLD, _end(ExitCode.HELD, "held", f"waits for a person: {', '.join(held)}.")
    if lost:
        return RunEvent.FAIL, _end(ExitCode.FAILED, "phases", f"not complete: {', '.join(lost)}.")
    failure = final_failure(bench)
    if failure is not None:
        return RunEvent.FAIL, _end(ExitCode.FAILED, "final", failure)
    return RunEvent.FINISH, _end(ExitCode.COMPLETE, None, None)


def _states(bench: Workbench) -> dict[str, PhaseState]:
    return {row.phase_id: PhaseState(row.state) for row in bench.state.phases.all()}


def _end(code: ExitCode, reason: str | None, message: str | None) -> dict[str, object]:
    return {"exit_code": int(code), "reason": reason, "message": message}


def _stopped(stop: StopRequested) -> dict[str, object]:
    match stop.signal_number:
        case 0:
            return _end(ExitCode.INTERRUPTED, "stop", "stopped by 'autopack stop'.")
        case 2:
            return _end(ExitCode.INTERRUPTED, "interrupted", "interrupted from the keyboard.")
        case number:
            return _end(ExitCode.TERMINATED, "terminated", f"ended by signal {number}.")
