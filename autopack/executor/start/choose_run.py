"""Chooses the run: a new one with its plan, or an earlier one that goes on with the plan that it is pinned to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Final

from autopack.core.errors import InvalidInputError, LockedError, UsageError
from autopack.core.names import is_one_slip_away
from autopack.core.plan import Plan
from autopack.core.states import RunState
from autopack.docs_archive.archives import has_archive
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ARCHIVED, PLAN_CHECK, ProjectState, pinned_plan
from autopack.executor.start.landed_before import landed_before
from autopack.executor.start.plan_change import judge_change
from autopack.planning.changes import differences
from autopack.planning.plan_file import PlanSource, find_plan, load_plan
from autopack.store.queries import answered_phases
from autopack.store.tables import RunRow

RESUMABLE: Final = frozenset({RunState.RUNNING, RunState.WAITING, RunState.HELD, RunState.STOPPED, RunState.BLOCKED, RunState.INTERRUPTED})


@dataclass(frozen=True)
class Chosen:
    """``row`` is None for a run that is yet to be made; ``was`` is the plan so far where a changed one was accepted.

    ``is_over``: nothing is to be done, since ``run`` was typed again for a plan whose run has ended. ``landed``: phases of a new run
    that its base holds already, each with its commit.
    """

    run_id: str
    plan: Plan
    source: PlanSource
    base: str
    row: RunRow | None = None
    was: Plan | None = None
    is_over: bool = False
    landed: Mapping[str, str] = field(default_factory=dict)


def choose_run(project: ProjectState, options: RunOptions, now: float) -> Chosen:
    """Raises UsageError for ids that are not there or taken, InvalidInputError for plans that cannot be used or have changed."""
    row = _existing(project, options)
    if row is not None:
        chosen = _go_on(project, options, row)
        is_typed_again = options.run_id is None and options.creates and chosen.was is None
        return replace(chosen, is_over=is_typed_again and _is_over(project, row))
    base = project.repository.resolve(options.base) if options.base else None
    source = replace(find_plan(project.repository.top, options.plan), given=options.given)
    plan = load_plan(source, project.repository.top.name, project.key_variables)
    base = base or (project.repository.resolve(plan.base) if plan.base else project.repository.head()[0])
    landed = landed_before(project, plan, source.path, base) if options.replay is None else {}
    run_id = options.run_id or _free_id(project, plan, now)
    if run_id in (ARCHIVED, PLAN_CHECK):
        raise UsageError(f"'{run_id}' is a folder that Autopack keeps below {project.records}, so no run can be called so.")
    if has_archive(project.records, run_id):
        raise UsageError(f"'{run_id}' is a project whose documents lie in {project.records / run_id}, so no run can be called so.")
    return Chosen(run_id, plan, source, base, landed=landed)


def as_it_stands(project: ProjectState, chosen: Chosen, options: RunOptions, now: float) -> Chosen:
    """Reads the run again under its lock: until then another process may have made it or worked on it."""
    row = project.runs.find(chosen.run_id)
    if row is None:
        return chosen
    if chosen.row is not None and chosen.row.plan_revision == row.plan_revision:
        return replace(chosen, row=row)
    if chosen.row is None and options.run_id is None:
        raise LockedError(f"another process took the id '{row.run_id}' at this moment; give the same command again.")
    return choose_run(project, replace(options, run_id=row.run_id), now)


def _existing(project: ProjectState, options: RunOptions) -> RunRow | None:
    if options.run_id is None:
        if not options.creates:
            return project.run(None)
        return None if options.is_new else _newest_of_plan(project, options)
    row = project.runs.find(options.run_id)
    if row is None:
        _ask_back(project, options, options.run_id)
    elif options.is_new:
        raise UsageError(
            f"run '{row.run_id}' exists already; choose another id or go on with it.", next_command=f"autopack resume {row.run_id}"
        )
    return row


def _newest_of_plan(project: ProjectState, options: RunOptions) -> RunRow | None:
    """The newest run of the same plan file: ``autopack run`` typed again continues, and never buys again what has ended.

    One that has ended is none of this plan where the file shares no phase with it; and a replay, which buys nothing, begins anew.
    """
    source = find_plan(project.repository.top, options.plan)
    newest = next((row for row in project.runs.newest_first() if row.plan_path == source.path), None)
    if newest is None or not _is_over(project, newest):
        return newest
    given = dict(PlanSource.pinned(newest.plan_path, "", project.runs.plan(newest.run_id).given_json).given) | dict(options.given)
    source = replace(source, given=tuple(given.items()))
    phases = {phase.id for phase in load_plan(source, newest.project, project.key_variables).phases}
    is_another = phases.isdisjoint(phase.id for phase in pinned_plan(project, newest).phases)
    return None if is_another or options.replay is not None else newest


def _is_over(project: ProjectState, row: RunRow) -> bool:
    """Whether the run has ended and no person has decided anything on it since."""
    return RunState(row.state) not in RESUMABLE and not answered_phases(project.database, row.run_id)


def _ask_back(project: ProjectState, options: RunOptions, run_id: str) -> None:
    if not options.creates:
        raise project.unknown(run_id)
    if options.is_new:
        return
    for row in project.runs.newest_first():
        if RunState(row.state) in RESUMABLE and is_one_slip_away(run_id, row.run_id):
            raise UsageError(
                f"there is no run '{run_id}', but '{row.run_id}' can go on; say --new to make a new one.",
                next_command=f"autopack resume {row.run_id}",
            )


def _go_on(project: ProjectState, options: RunOptions, row: RunRow) -> Chosen:
    if options.base is not None:
        raise UsageError(f"run '{row.run_id}' has its base already ({row.base_commit[:10]}); --base is for new runs: autopack run --new.")
    pinned = project.runs.plan(row.run_id)
    source = PlanSource.pinned(row.plan_path, pinned.text, pinned.given_json)
    plan = load_plan(source, row.project, project.key_variables)
    now = PlanSource.reread(row.plan_path) if options.plan is None else find_plan(project.repository.top, options.plan)
    given = dict(source.given) | dict(options.given)
    if now is None or (now.sha256 == pinned.sha256 and given == dict(source.given)):
        return Chosen(row.run_id, plan, source, row.base_commit, row)
    now = replace(now, given=tuple((name, value) for name, value in given.items()))
    changed = load_plan(now, row.project, project.key_variables)
    found = differences(plan, changed)
    if not found:
        return Chosen(row.run_id, plan, source, row.base_commit, row)
    if options.accepts_plan_change:
        judge_change(project, row.run_id, plan, changed)
        return Chosen(row.run_id, changed, now, row.base_commit, row, was=plan)
    raise InvalidInputError(
        f"{now.path}: the plan has changed since run '{row.run_id}' began, which is {row.state} now. Restore it, take the change over "
        f"(autopack resume {row.run_id} --accept-plan-change{_also(row)}), or begin a new run (autopack run --new). What changed:",
        tuple(f"  {line}" for line in found),
    )


def _also(row: RunRow) -> str:
    return "; what failed gets attempts by autopack retry" if row.state == RunState.FAILED else ""


def _free_id(project: ProjectState, plan: Plan, now: float) -> str:
    day = datetime.fromtimestamp(now, UTC).astimezone().strftime("%Y%m%d")
    stem = f"{plan.project[:48].rstrip('-._')}-{day}"
    return next(name for n in count(1) if project.runs.find(name := f"{stem}-{n}") is None)
