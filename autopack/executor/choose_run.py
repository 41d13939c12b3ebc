"""Which run is meant: a new one with its plan, or one that goes on with the plan it is pinned to."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Final

from autopack.core.errors import InvalidInputError, LockedError, UsageError
from autopack.core.names import is_one_slip_away
from autopack.core.plan import Plan
from autopack.core.states import RunState
from autopack.executor.options import RunOptions
from autopack.executor.place import Place
from autopack.executor.plan_change import judge_change
from autopack.planning.changes import differences
from autopack.planning.plan_file import PlanSource, find_plan, load_plan
from autopack.store.tables import RunRow

RESUMABLE: Final = frozenset({RunState.RUNNING, RunState.WAITING, RunState.HELD, RunState.STOPPED, RunState.BLOCKED, RunState.INTERRUPTED})


@dataclass(frozen=True)
class Chosen:
    """``row`` is None for a run that is yet to be made; ``was`` is the plan so far where a changed one was accepted."""

    run_id: str
    plan: Plan
    source: PlanSource
    base: str
    row: RunRow | None = None
    was: Plan | None = None


def choose_run(place: Place, options: RunOptions, now: float) -> Chosen:
    """Raises UsageError for ids that are not there or taken, InvalidInputError for plans that cannot be used or have changed."""
    row = _existing(place, options)
    if row is not None:
        return _go_on(place, options, row)
    base = place.repository.resolve(options.base) if options.base else None
    source = find_plan(place.repository.top, options.plan)
    plan = load_plan(source, place.repository.top.name, place.key_variables)
    base = base or (place.repository.resolve(plan.base) if plan.base else place.repository.head()[0])
    return Chosen(options.run_id or _free_id(place, plan, now), plan, source, base)


def as_it_stands(place: Place, chosen: Chosen, options: RunOptions, now: float) -> Chosen:
    """The same run, seen again once its lock is held: until then another process may have made it or worked on it."""
    row = place.runs.find(chosen.run_id)
    if row is None:
        return chosen
    if chosen.row is not None and chosen.row.plan_revision == row.plan_revision:
        return replace(chosen, row=row)
    if chosen.row is None and options.run_id is None:
        raise LockedError(f"another process took the id '{row.run_id}' at this moment; give the same command again.")
    return choose_run(place, replace(options, run_id=row.run_id), now)


def pinned_plan(place: Place, row: RunRow) -> Plan:
    """The plan that a run was started with."""
    return load_plan(PlanSource.pinned(row.plan_path, place.runs.plan(row.run_id).text), default_project=row.project)


def _existing(place: Place, options: RunOptions) -> RunRow | None:
    if options.run_id is None:
        if not options.creates:
            return place.run(None)
        return None if options.is_new else _newest_resumable(place, options)
    row = place.runs.find(options.run_id)
    if row is None:
        _ask_back(place, options, options.run_id)
    elif options.is_new:
        raise UsageError(
            f"run '{row.run_id}' exists already; choose another id or go on with it.", next_command=f"autopack resume {row.run_id}"
        )
    return row


def _newest_resumable(place: Place, options: RunOptions) -> RunRow | None:
    """The newest run of the same plan file, if it can go on: ``autopack run`` typed again continues."""
    path = str(find_plan(place.repository.top, options.plan).path)
    newest = next((row for row in place.runs.newest_first() if row.plan_path == path), None)
    return newest if newest and RunState(newest.state) in RESUMABLE else None


def _ask_back(place: Place, options: RunOptions, run_id: str) -> None:
    if not options.creates:
        raise place.unknown(run_id)
    if options.is_new:
        return
    for row in place.runs.newest_first():
        if RunState(row.state) in RESUMABLE and is_one_slip_away(run_id, row.run_id):
            raise UsageError(
                f"there is no run '{run_id}', but '{row.run_id}' can go on; say --new to make a new one.",
                next_command=f"autopack resume {row.run_id}",
            )


def _go_on(place: Place, options: RunOptions, row: RunRow) -> Chosen:
    if options.base is not None:
        raise UsageError(f"run '{row.run_id}' has its base already ({row.base_commit[:10]}); --base is for new runs.")
    pinned = place.runs.plan(row.run_id)
    source = PlanSource.pinned(row.plan_path, pinned.text)
    plan = load_plan(source, row.project, place.key_variables)
    now = PlanSource.reread(row.plan_path) if options.plan is None else find_plan(place.repository.top, options.plan)
    if now is None or now.sha256 == pinned.sha256:
        return Chosen(row.run_id, plan, source, row.base_commit, row)
    changed = load_plan(now, row.project, place.key_variables)
    found = differences(plan, changed)
    if not found:
        return Chosen(row.run_id, plan, source, row.base_commit, row)
    if options.accepts_plan_change:
        judge_change(place, row.run_id, plan, changed)
        return Chosen(row.run_id, changed, now, row.base_commit, row, was=plan)
    raise InvalidInputError(
        f"{now.path}: the plan has changed since run '{row.run_id}' began. Restore it, take it with --accept-plan-change, "
        "or begin a new run with --new. What changed:",
        tuple(f"  {line}" for line in found),
    )


def _free_id(place: Place, plan: Plan, now: float) -> str:
    day = datetime.fromtimestamp(now, UTC).astimezone().strftime("%Y%m%d")
    stem = f"{plan.project[:48].rstrip('-._')}-{day}"
    return next(name for n in count(1) if place.runs.find(name := f"{stem}-{n}") is None)
