"""Derives from a run's state its exit code and the commands that lead on."""

import shlex
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

_AMOUNTS: Final = {"usd": "AMOUNT", "tokens": "NUMBER", "hours": "HOURS"}
_INTERRUPTIONS: Final = {ExitCode.DEFECT, ExitCode.INTERRUPTED, ExitCode.TERMINATED}


def exit_code_of(state: RunState, stored: int | None, reason: str | None) -> int:
    """The code that ``status`` exits with. Blocked and interrupted keep the code they ended with."""
    if state in _CODES:
        return _CODES[state]
    if state is RunState.BLOCKED:
        return stored if stored in (ExitCode.INVALID_INPUT, ExitCode.NO_PROVIDER, ExitCode.ENVIRONMENT) else ExitCode.ENVIRONMENT
    return stored if stored in _INTERRUPTIONS and reason != "owner_died" else ExitCode.TERMINATED


ANSWERABLE: Final = frozenset({RunState.HELD, RunState.FAILED, RunState.ROLLED_BACK})
"""Where a person may have decided on phases since the run ended, so that going on has something to do."""


def next_commands(
    run: tuple[str, str],
    state: RunState,
    cap: tuple[str | None, str | None],
    phases: tuple[PhaseStatus, ...],
    answered: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """What to type next, the best first; never empty.

    ``run``: its id, its branch. ``cap``: which cap it met, and who set that. ``answered``: the phases that a person decided on since.
    """
    run_id, branch = run
    resume = [f"autopack resume {run_id}"]
    match state:
        case RunState.RUNNING | RunState.WAITING:
            found = [f"autopack status {run_id} --watch"]
        case RunState.COMPLETE:
            found = [f"autopack diff {run_id}", f"git merge {shlex.quote(branch)}"]
        case RunState.FAILED:
            failed = _in(phases, PhaseState.FAILED)
            found = [f"autopack show {run_id} {phase}" for phase in failed[:3]] + _retry(run_id, failed)
            found += resume if cap[0] == "final" else []
        case RunState.ROLLED_BACK:
            found = _retry(run_id, _in(phases, PhaseState.ROLLED_BACK))
        case RunState.HELD:
            found = [f"autopack show {run_id} {phase}" for phase in _in(phases, PhaseState.HELD)[:3]]
        case RunState.STOPPED:
            found = [_higher_cap(run_id, *cap)]
        case RunState.BLOCKED | RunState.INTERRUPTED:
            found = resume
    if answered and state in ANSWERABLE:
        found = resume + found
    return tuple(found) or (f"autopack status {run_id}",)


def _in(phases: tuple[PhaseStatus, ...], state: PhaseState) -> list[str]:
    return [phase.id for phase in phases if phase.state == state]


def _retry(run_id: str, phases: list[str]) -> list[str]:
    return [f'autopack retry {run_id} {phase} --note "..."' for phase in phases[:1]]


def _higher_cap(run_id: str, unit: str | None, by: str | None) -> str:
    resume = f"autopack resume {run_id}"
    if unit == "health":
        return f"{resume} --reset-health"
    amount = _AMOUNTS.get(unit or "")
    match by:
        case "phase" | "plan":
            return f"{resume} --accept-plan-change"
        case "day" | "call":
            return f"AUTOPACK_MAX_{(unit or '').upper()}_PER_{by.upper()}={amount} {resume}"
        case "configuration":
            return f"AUTOPACK_MAX_{(unit or '').upper()}={amount} {resume}"
        case _:
            return f"{resume} --max-{unit} {amount}" if amount else resume
