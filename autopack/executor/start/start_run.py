"""Starts a run: finds what is wrong in the order of the exit codes, takes the lock, works on the run to the end of this start."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.machine import twice
from autopack.core.names import is_valid_id
from autopack.core.settings import Settings
from autopack.core.states import PhaseState
from autopack.executor.attempt.steps import build_shapes
from autopack.executor.heartbeat import HEARTBEAT_S, heartbeat
from autopack.executor.live_notes import LiveNotes
from autopack.executor.lock import run_lock
from autopack.executor.options import RunEnd, RunOptions
from autopack.executor.project_state import ProjectState, judge_records, open_project
from autopack.executor.run_context import RunContext
from autopack.executor.run_report import KnownRun, leave_report
from autopack.executor.sleep_detection import SleepDetector
from autopack.executor.start.choose_run import Chosen, as_it_stands, choose_run
from autopack.executor.start.disk import require_room
from autopack.executor.start.end_reports import EndReports
from autopack.executor.start.execute_run import Start, execute_run
from autopack.executor.start.make_context import Given, branch_of, folder_of, make_context, make_run
from autopack.executor.start.plan_change import take_change
from autopack.executor.start.prepare import end_orphans
from autopack.executor.start.run_inputs import RunInputs, judge_model, require_routes, run_inputs_of
from autopack.executor.start.schedule import is_anything_to_buy
from autopack.executor.stopping import Deadline, StopFlag, signals_handled
from autopack.executor.watcher import Watcher
from autopack.llm.service import import_sdk_beside
from autopack.store.owners import Owners
from autopack.store.phases import Phases


def start_run(options: RunOptions, clock: Clock, watcher: Watcher) -> RunEnd:
    """Makes or resumes a run and works on it until this start ends.

    Raises:
        UserError: before anything is made: words, repository, plan and configuration, lock, keys, in this order.
    """
    judge_words(options)
    project = open_project(options.repo, clock, watcher.observe)
    with closing(project.database):
        return _start(project, options, clock, watcher)


def _start(project: ProjectState, options: RunOptions, clock: Clock, watcher: Watcher) -> RunEnd:
    chosen = choose_run(project, options, clock.now())
    if chosen.is_over:
        return _told_again(project, chosen, options, watcher)
    inputs = run_inputs_of(project, chosen.plan, _journal(chosen, options))
    judge_model(inputs, options.model)
    judge_records(project.records, chosen.run_id)
    with run_lock(project.locks, chosen.run_id):
        seen, chosen = chosen, as_it_stands(project, chosen, options, clock.now())
        if chosen.plan is not seen.plan:
            inputs = run_inputs_of(project, chosen.plan, _journal(chosen, options))
        if chosen.row is None:
            project.repository.judge_branch(branch_of(chosen, inputs.settings))
        else:  # before anything that may refuse this start
            folder = folder_of(project, inputs.settings, chosen.run_id)
            end_orphans(project, chosen.run_id, folder, clock, grace_s=inputs.settings.checks.kill_grace_s)
        make_sure_of_room(project, inputs.settings, chosen.run_id)
        if inputs.replay is None and _is_anything_left(project, chosen, clock):
            require_routes(inputs, chosen.plan, options.model)
            _import_beside(inputs)
        if chosen.landed:
            inputs = replace(inputs, notes=(*inputs.notes, _landed(chosen)))
        return _work(project, chosen, Given(chosen.plan, options, inputs, clock, watcher))


def _import_beside(inputs: RunInputs) -> None:
    """Imports the SDK of the first call in a thread while the run is prepared."""
    import_sdk_beside(next(provider for provider in inputs.settings.models.providers if provider.name == inputs.keys[0].provider))
    build_shapes()


def judge_words(options: RunOptions) -> None:
    """Raises UsageError for a run id that cannot be one."""
    if options.run_id is not None and not is_valid_id(options.run_id):
        raise UsageError(
            f"'{options.run_id}' cannot be a run id: use lower-case letters, digits, '.', '_' and '-', "
            "at most 64, beginning with a letter or digit, without '..' and without '.lock' at the end."
        )


def make_sure_of_room(project: ProjectState, settings: Settings, run_id: str) -> None:
    """Raises EnvironmentBlockedError where a run would soon have nowhere to write."""
    writes = {
        "the run's work tree": folder_of(project, settings, run_id),
        "the state database": project.database.path.parent,
        "the run's records": project.records,
    }
    require_room(writes, settings.workspace.min_free_bytes)
    project.database.reserve.keep()


def _work(project: ProjectState, chosen: Chosen, given: Given) -> RunEnd:
    inputs, clock, watcher = given.inputs, given.clock, given.watcher
    deadline = Deadline(given.options.until, clock.now) if given.options.until is not None else None
    stop = StopFlag(lambda: project.runs.stop_requested(chosen.run_id), watcher, deadline)
    with signals_handled(stop):
        if chosen.was is not None:
            take_change(project, chosen.run_id, (chosen.was, chosen.plan), chosen.source, clock.now)
        run = make_run(project, chosen, given.options, inputs)

        @contextmanager
        def open_context() -> Iterator[RunContext]:
            live = LiveNotes(project.database, run.run_id, watcher.observe)
            ctx = make_context(project, run, replace(given, watcher=replace(watcher, observe=live.observe)), stop)
            try:
                with heartbeat(ctx.beat, HEARTBEAT_S), live.kept():
                    yield ctx
            finally:
                ctx.models.llm.close()
                ctx.models.vector_maker.close()
                let_go(ctx.awake, ctx.state.owners)

        reports = EndReports(project, run.run_id, inputs.redactor, clock.now)
        redact = inputs.redactor.redact
        project.database.wait_for_others(watcher.say)
        try:
            execute_run(Start(project.runs, project.database.reserve, run.run_id, open_context, reports, redact, stop, clock.now))
        finally:
            known = KnownRun(project.run(run.run_id), project.status(run.run_id), chosen.plan)
            end = _run_end(known)
            reports.write_missing()  # which the disk may have refused when they were made
            leave_report(project, known, inputs.redactor, clock.now(), watcher.say)
            watcher.finish(end)
    return end


def _told_again(project: ProjectState, chosen: Chosen, options: RunOptions, watcher: Watcher) -> RunEnd:
    """The end for ``run`` typed again: which run of this plan there is, how it ended, what leads on. Makes and buys nothing."""
    known = KnownRun(project.run(chosen.run_id), project.status(chosen.run_id), chosen.plan)
    end = _run_end(known)
    ended = end.message or f"every phase is on {known.row.branch}."
    message = f"{ended} This run of the plan has ended; nothing was done."
    anew = f"autopack run --plan {options.plan} --new" if options.plan else "autopack run --new"
    told = replace(end, message=message, next=(*end.next, anew))
    watcher.finish(told)
    return told


def _landed(chosen: Chosen) -> str:
    phases = ", ".join(f"{phase} ({commit[:10]})" for phase, commit in chosen.landed.items())
    return f"The base holds these phases already, so nobody pays for them again: {phases}."


def let_go(awake: SleepDetector, owners: Owners) -> None:
    """Removes the owner's row, as far as the disk lets it. The lock itself goes with the process."""

    def release() -> None:
        awake.look()
        owners.release()

    with suppress(EnvironmentBlockedError):
        twice(release, EnvironmentBlockedError)


def _run_end(known: KnownRun) -> RunEnd:
    """How the run stands now that this process is done with it."""
    row, status = known.row, known.status
    return RunEnd(
        row.run_id, row.state, row.exit_code if row.exit_code is not None else status.exit_code, row.reason, row.message, status.next
    )


def _journal(chosen: Chosen, options: RunOptions) -> Path | None:
    """The journal to replay; a resumed replay uses the one that it began with."""
    if options.replay is not None:
        return options.replay
    return Path(chosen.row.replay_path) if chosen.row and chosen.row.replay_path else None


def _is_anything_left(project: ProjectState, chosen: Chosen, clock: Clock) -> bool:
    if chosen.row is None:
        made = {phase.id: PhaseState.COMPLETE if phase.id in chosen.landed else PhaseState.QUEUED for phase in chosen.plan.phases}
        return is_anything_to_buy(chosen.plan, made)
    phases = Phases(project.database, project.events, chosen.run_id, clock.now).all()
    return is_anything_to_buy(chosen.plan, {row.phase_id: PhaseState(row.state) for row in phases})
