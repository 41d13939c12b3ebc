"""Drives a run from wherever it stands to the end of this start, and records how it ended."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from mmap import mmap
from typing import Final

from autopack.core.budget import HoursCap, advice
from autopack.core.error_report import ErrorReport
from autopack.core.errors import (
    AttemptFailed,
    BudgetSpentError,
    EnvironmentBlockedError,
    ScopeGranted,
)
from autopack.core.exit_code import ExitCode
from autopack.core.machine import twice
from autopack.core.plan import PhaseSpec
from autopack.core.states import PhaseState, RunState
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.executor.attempt.attempt_base import base_of_attempt, warn_of_checkout
from autopack.executor.attempt.attempt_phase import attempt_phase
from autopack.executor.attempt.phase_context import begin_attempt
from autopack.executor.attempt.recover_phase import record_failure, recover_phase
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.health import check_health
from autopack.executor.run_context import RunContext, State
from autopack.executor.sleep_detection import SleepDetector
from autopack.executor.start.end_reports import EndReports
from autopack.executor.start.prepare import prepare
from autopack.executor.start.run_end import Ending, ending_of_error, ending_of_phases, notify_of, states_of
from autopack.executor.start.schedule import lost_phases, startable
from autopack.executor.stopping import StopFlag
from autopack.store.disk_errors import is_disk_full
from autopack.store.disk_reserve import DiskReserve
from autopack.store.phase_changes import Skipped
from autopack.store.queries import worked_seconds
from autopack.store.runs import RunColumns, Runs
from autopack.worktree.removing import remove_tree

_HOUR_S: Final = 3600
_SPARE_BYTES: Final = 24 * 2**20
"""Address space that is given back where a run ends for want of memory: where there is none, a library ends the process without a word."""


@dataclass(frozen=True)
class Start:
    """One start of a run, which is in ``runs`` and whose lock this process holds.

    ``open_context`` makes what the start works with; what it raises ends the run like anything else. ``reports`` tells of what ended it.
    ``redact`` takes secrets out of what is recorded. ``stop`` is armed while there is an end to be decided. ``now`` gives UTC epoch
    seconds.
    """

    runs: Runs
    reserve: DiskReserve
    run_id: str
    open_context: Callable[[], AbstractContextManager[RunContext]]
    reports: EndReports
    redact: Callable[[str], str]
    stop: StopFlag
    now: Callable[[], float]


def execute_run(start: Start) -> RunState:
    """Works on the run, records how it ended, and then returns its state or raises."""
    runs, run_id, now = start.runs, start.run_id, start.now
    runs.move(
        run_id,
        RunEvent.START,
        reason=None,
        message=None,
        cap_by=None,
        exit_code=None,
        stop_requested=False,
        started_at=now(),
        wait_until=None,
    )
    with ExitStack() as stack:
        ctx: RunContext | None = None
        ended_by: Exception | None = None
        told: ErrorReport | None = None
        spare: mmap | None = None
        try:
            spare = mmap(-1, _SPARE_BYTES)  # counts against a limit, and takes no memory as long as nobody writes to it
            start.stop.arm()
            ctx = stack.enter_context(start.open_context())
            prepare(ctx)
            _work(ctx)
            event, ending = ending_of_phases(ctx.site)
            start.stop.disarm()
        except Exception as error:
            del spare
            start.stop.disarm()
            event, ending = ending_of_error(error)
            ended_by, told = error, start.reports.describe(error, ending)
            if is_disk_full(error):
                start.reserve.free()
            if ending.code is ExitCode.DEFECT:
                _record(start, event, ending, told)
                start.reports.write(error)
                raise
        state = _record(start, event, ending, told)
        if ended_by is not None and told is not None:
            start.reports.write(ended_by)
        if ctx is not None:
            notify_of(ctx.site, state)
            if state is RunState.COMPLETE:
                ctx.site.slot.work_tree.remove()
                with suppress(OSError):  # what stays is taken away by `gc`
                    twice(partial(remove_tree, ctx.site.slot.folders.root), OSError)
    return state


def _record(start: Start, event: RunEvent, ending: Ending, told: ErrorReport | None) -> RunState:
    """Records the end. On a full disk it gives up the spare room that the store keeps for this."""
    columns: RunColumns = {
        "exit_code": int(ending.code),
        "reason": ending.reason,
        "message": start.redact(ending.message) if ending.message else None,
        "cap_by": ending.cap_by,
        "ended_at": start.now(),
        "wait_until": None,
        "wait_began": None,
    }
    try:
        return start.runs.move(start.run_id, event, told, **columns)
    except EnvironmentBlockedError as error:
        if start.reserve.free_for(error):
            return start.runs.move(start.run_id, event, told, **columns)
        raise


def _work(ctx: RunContext) -> None:
    while True:
        states = states_of(ctx.plan, ctx.state)
        for lost, cause in lost_phases(ctx.plan, states):
            ctx.state.phases.move(lost, PhaseEvent.SKIP, change=Skipped(because=cause))
            states[lost] = PhaseState.SKIPPED
        ready = startable(ctx.plan, states)
        if not ready:
            return
        ctx.stop.check()
        check_hours(ctx.state, ctx.hours, ctx.awake)
        check_health(ctx.state, ctx.models)
        _advance(ctx, ctx.plan.phase(ready[0]))


def _advance(ctx: RunContext, phase: PhaseSpec) -> None:
    phases = ctx.state.phases
    row = phases.get(phase.id)
    if row.state == PhaseState.RECOVERING:
        recover_phase(ctx, phase)
        return
    phase = widened(phase, row)
    key = phases.open_attempt(phase.id)
    if key is None:
        site = ctx.site
        head = base_of_attempt(site, phase)
        if head is None:
            return
        warn_of_checkout(site.repository, site.branch, site.log, phase)
        key = begin_attempt(site, phase, head)
    try:
        attempt_phase(ctx, phase, key)
    except AttemptFailed as failed:
        record_failure(ctx.site, ctx.models, phase, key, failed)
        recover_phase(ctx, phase)
    except ScopeGranted as granted:
        phases.grant(key, granted.paths, ctx.log.redactor.redact(str(granted)))


def check_hours(state: State, cap: HoursCap | None, awake: SleepDetector) -> None:
    """Raises BudgetSpentError where the run has used up its hours, over all its starts."""
    if cap is None:
        return
    worked = worked_seconds(state.database, state.run_id, awake.look())
    if worked >= cap.hours * _HOUR_S:
        sentence = f"The run has worked {worked / _HOUR_S:.1f} of {cap.hours:g} hours; it does not begin another attempt."
        raise BudgetSpentError("hours", f"{sentence} {advice(cap.by, 'hours')}", cap.by)
