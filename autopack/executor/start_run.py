"""From a person's words to a run that is being worked on. What is wrong is found in the order of the exit codes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.names import is_valid_id
from autopack.core.settings import Settings
from autopack.core.states import PhaseState
from autopack.executor.choose_run import Chosen, as_it_stands, choose_run
from autopack.executor.disk import require_room
from autopack.executor.execute_run import Start, execute_run
from autopack.executor.heartbeat import HEARTBEAT_S, heartbeat
from autopack.executor.lock import run_lock
from autopack.executor.make_workbench import branch_of, folder_of, make_run, make_workbench, out_folder
from autopack.executor.options import RunEnd, RunOptions
from autopack.executor.place import Place, open_place
from autopack.executor.plan_change import take_change
from autopack.executor.provisions import Provisions, judge_model, provisions_of, require_routes
from autopack.executor.records import judge_records
from autopack.executor.schedule import is_anything_to_buy
from autopack.executor.shapes import build_shapes
from autopack.executor.stopping import StopFlag, signals_handled
from autopack.executor.take_over import take_over
from autopack.executor.watcher import Watcher
from autopack.executor.workbench import Workbench
from autopack.llm.service import import_sdk_beside
from autopack.reporting.error_report import Circumstances, write_error_report
from autopack.store.phases import Phases

_TRIES: Final = 2


def start_run(options: RunOptions, clock: Clock, watcher: Watcher) -> RunEnd:
    """Makes or resumes a run and works on it until this start ends.

    Raises:
        UserError: before anything is made: words, repository, plan and configuration, lock, keys, in this order.
    """
    judge_words(options)
    place = open_place(options.repo, clock, watcher.observe)
    with closing(place.database):
        return _start(place, options, clock, watcher)


def _start(place: Place, options: RunOptions, clock: Clock, watcher: Watcher) -> RunEnd:
    chosen = choose_run(place, options, clock.now())
    if chosen.is_over:
        return _told_again(place, chosen, options, watcher)
    provisions = provisions_of(place, chosen.plan, _journal(chosen, options))
    judge_model(provisions, options.model)
    judge_records(place.records, chosen.run_id)
    with run_lock(place.locks, chosen.run_id):
        seen, chosen = chosen, as_it_stands(place, chosen, options, clock.now())
        if chosen.plan is not seen.plan:
            provisions = provisions_of(place, chosen.plan, _journal(chosen, options))
        if chosen.row is None:
            place.repository.judge_branch(branch_of(chosen, provisions.settings))
        else:  # before anything that may refuse this start
            out = out_folder(place, provisions.settings, chosen.run_id)
            take_over(place, chosen.run_id, out, clock, grace_s=provisions.settings.checks.kill_grace_s)
        make_sure_of_room(place, provisions.settings, chosen.run_id)
        if provisions.replay is None and _is_anything_left(place, chosen, clock):
            require_routes(provisions, chosen.plan, options.model)
            _import_beside(provisions)
        return _work(place, chosen, (options, provisions), clock, watcher)


def _import_beside(provisions: Provisions) -> None:
    """What the first call needs is being imported while the run is prepared."""
    import_sdk_beside(next(provider for provider in provisions.settings.models.providers if provider.name == provisions.keys[0].provider))
    build_shapes()


def judge_words(options: RunOptions) -> None:
    """Raises UsageError for a run id that cannot be one."""
    if options.run_id is not None and not is_valid_id(options.run_id):
        raise UsageError(
            f"'{options.run_id}' cannot be a run id: use lower-case letters, digits, '.', '_' and '-', "
            "at most 64, beginning with a letter or digit, without '..' and without '.lock' at the end."
        )


def make_sure_of_room(place: Place, settings: Settings, run_id: str) -> None:
    """Raises EnvironmentBlockedError where a run would soon have nowhere to write."""
    writes = {
        "the run's work tree": folder_of(place, settings, run_id),
        "the state database": place.database.path.parent,
        "the run's records": place.records,
    }
    require_room(writes, settings.workspace.min_free_bytes)
    place.database.ballast.keep()


def _work(place: Place, chosen: Chosen, given: tuple[RunOptions, Provisions], clock: Clock, watcher: Watcher) -> RunEnd:
    options, provisions = given
    stop = StopFlag(lambda: place.runs.stop_requested(chosen.run_id), watcher)
    with signals_handled(stop):
        if chosen.was is not None:
            take_change(place, chosen.run_id, (chosen.was, chosen.plan), chosen.source, clock.now)
        run = make_run(place, chosen, options, provisions)
        if chosen.landed:
            provisions = replace(provisions, notes=(*provisions.notes, _landed(chosen)))

        @contextmanager
        def open_bench() -> Iterator[Workbench]:
            bench = make_workbench(place, run, (chosen.plan, options, provisions), clock, (watcher, stop))
            try:
                with heartbeat(bench.beat, HEARTBEAT_S):
                    yield bench
            finally:
                bench.llm.close()
                _let_go(bench)

        def report(error: Exception) -> None:
            circumstances = Circumstances(place.records / run.run_id / "errors", component="executor", run_id=run.run_id)
            write_error_report(error, circumstances, provisions.redactor, clock.now())

        redact = provisions.redactor.redact
        place.database.wait_for_others(watcher.say)
        try:
            execute_run(Start(place.runs, place.database.ballast, run.run_id, open_bench, report, redact, stop, clock.now))
        finally:
            end = _run_end(place, chosen.run_id)
            watcher.finish(end)
    return end


def _told_again(place: Place, chosen: Chosen, options: RunOptions, watcher: Watcher) -> RunEnd:
    """``run`` was typed again: which run of this plan there is, how it ended, what leads on. Nothing is made or bought."""
    end = _run_end(place, chosen.run_id)
    message = f"{end.message or f'every phase is on {place.run(chosen.run_id).branch}.'} This run of the plan had ended; nothing was done."
    anew = f"autopack run --plan {options.plan} --new" if options.plan else "autopack run --new"
    told = replace(end, message=message, next=(*end.next, anew))
    watcher.finish(told)
    return told


def _landed(chosen: Chosen) -> str:
    phases = ", ".join(f"{phase} ({commit[:10]})" for phase, commit in chosen.landed.items())
    return f"Landed on the base before, and not bought again: {phases}."


def _let_go(bench: Workbench) -> None:
    """Words beside the lock, which goes with the process: once more where the disk refused them, and then no more."""
    for _ in range(_TRIES):
        with suppress(EnvironmentBlockedError):
            bench.awake.look()
            bench.state.owners.release()
            return


def _run_end(place: Place, run_id: str) -> RunEnd:
    """How the run stands now that this process is done with it."""
    row, status = place.run(run_id), place.status(run_id)
    return RunEnd(run_id, row.state, row.exit_code if row.exit_code is not None else status.exit_code, row.reason, row.message, status.next)


def _journal(chosen: Chosen, options: RunOptions) -> Path | None:
    """A replay that is gone on with plays the journal it began with."""
    if options.replay is not None:
        return options.replay
    return Path(chosen.row.replay_path) if chosen.row and chosen.row.replay_path else None


def _is_anything_left(place: Place, chosen: Chosen, clock: Clock) -> bool:
    if chosen.row is None:
        made = {phase.id: PhaseState.COMPLETE if phase.id in chosen.landed else PhaseState.QUEUED for phase in chosen.plan.phases}
        return is_anything_to_buy(chosen.plan, made)
    phases = Phases(place.database, place.events, chosen.run_id, clock.now).all()
    return is_anything_to_buy(chosen.plan, {row.phase_id: PhaseState(row.state) for row in phases})
