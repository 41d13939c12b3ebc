"""What a run's state means to scripts and people: its exit code and the commands that lead on."""

from typing import Final

from autopack.core.exit_code import ExitCode
from autopack.core.states import PhaseState, RunState
from autopack.core.status import PhaseStatus

_CODES: Final[dict[RunState, ExitCode]] = {
    RunState.RUNNING: ExitCode.RUNNING,
    RunState.WAITING: ExitCode.RUNNING,
    RunState.COMPLETE: ExitCode.COMPLETE,
    RunState.FAILED: ExitCode.FAILED,
    RunState.ROLLED_BACK: ExitCode.FAILED,
    RunState.HELD: ExitCode.HELD,
    RunState.STOPPED: ExitCode.STOPPED,
}

_INTERRUPTIONS: Final = {ExitCode.DEFECT, ExitCode.INTERRUPTED, ExitCode.TERMINATED}


def exit_code_of(state: RunState, stored: int | None, reason: str | None) -> int:
    """The code that ``status`` exits with. Blocked and interrupted keep the code they ended with."""
    if state in _CODES:
        return _CODES[state]
    if state is RunState.BLOCKED:
        return stored if stored in (ExitCode.INVALID_INPUT, ExitCode.NO_PROVIDER, ExitCode.ENVIRONMENT) else ExitCode.ENVIRONMENT
    return stored if stored in _INTERRUPTIONS and reason != "owner_died" else ExitCode.TERMINATED


def next_commands(run_id: str, state: RunState, reason: str | None, phases: tuple[PhaseStatus, ...]) -> tuple[str, ...]:
    match state:
        case RunState.RUNNING | RunState.WAITING:
            return (f"autopack status {run_id} --watch",)
        case RunState.COMPLETE:
            return (f"autopack diff {run_id}",)
        case RunState.FAILED:
            failed = [phase.id for phase in phases if phase.state == PhaseState.FAILED]
            return tuple(f"autopack show {run_id} {phase}" for phase in failed[:3]) or (f"autopack status {run_id}",)
        case RunState.HELD:
            held = [phase.id for phase in phases if phase.state == PhaseState.HELD]
            return tuple(f"autopack show {run_id} {phase}" for phase in held[:3])
        case RunState.STOPPED:
            return (_higher_cap(run_id, reason),)
        case RunState.BLOCKED | RunState.INTERRUPTED | RunState.ROLLED_BACK:
            return (f"autopack resume {run_id}",)


def _higher_cap(run_id: str, reason: str | None) -> str:
    options = {"usd": " --max-usd AMOUNT", "tokens": " --max-tokens NUMBER"}
    return f"autopack resume {run_id}{options.get(reason or '', '')}"
