"""Gathers what a start works with: the run's row, its branch and work tree, the service that asks models."""

import os
import random
from decimal import Decimal
from pathlib import Path
from typing import Final

import psutil

from autopack.core.budget import Caps
from autopack.core.clock import Clock
from autopack.core.plan import Plan
from autopack.core.settings import Settings
from autopack.executor.choose_run import Chosen
from autopack.executor.lock import boot_id
from autopack.executor.options import RunOptions
from autopack.executor.place import Place
from autopack.executor.provisions import Provisions
from autopack.executor.records import records_folder
from autopack.executor.stopping import StopFlag
from autopack.executor.walls import sandbox_for
from autopack.executor.watcher import Watcher
from autopack.executor.workbench import State, Workbench
from autopack.llm.providers.replay import Replay
from autopack.llm.service import LlmService, Surroundings
from autopack.settings.paths import user_state_dir
from autopack.store.baselines import Baselines
from autopack.store.calls import CallJournal
from autopack.store.owners import Owners
from autopack.store.phases import Phases
from autopack.store.runs import NewRun
from autopack.store.tables import RunRow
from autopack.worktree.run_branch import RunBranch
from autopack.worktree.slot import WorkTree

SLOT: Final = "1"


def make_run(place: Place, chosen: Chosen, options: RunOptions, provisions: Provisions) -> RunRow:
    """The run's row: as it is, or made now, with its branch's name judged first."""
    if chosen.row is not None:
        return chosen.row
    branch = provisions.settings.git.branch.replace("{run}", chosen.run_id)
    base_name = options.base or chosen.plan.base
    base = place.repository.resolve(base_name) if base_name else place.repository.head()[0]
    place.repository.judge_branch(branch)
    new = NewRun(
        run_id=chosen.run_id,
        repo=str(place.repository.top),
        branch=branch,
        base_commit=base,
        plan=chosen.plan,
        plan_path=chosen.source.path,
        plan_text=chosen.source.text,
        plan_sha256=chosen.source.sha256,
        replay_path=str(options.replay.absolute()) if options.replay else None,
    )
    return place.runs.create(new)


def make_workbench(
    place: Place, run: RunRow, parts: tuple[Plan, RunOptions, Provisions], clock: Clock, watch: tuple[Watcher, StopFlag]
) -> Workbench:
    """Claims the run for this process; its work tree stands on the branch's head."""
    plan, options, provisions = parts
    watcher, stop = watch
    state = _state(place, run.run_id, clock)
    state.owners.claim(os.getpid(), psutil.Process().create_time(), boot_id())
    caps = _caps(plan, options, provisions, run)
    settings_json = provisions.settings.model_dump_json()
    state.runs.change(
        run.run_id, max_usd=_float(caps.run_usd), max_tokens=caps.run_tokens, max_hours=plan.budget.max_hours, settings_json=settings_json
    )
    branch = RunBranch.of(place.repository, run.run_id, run.branch)
    scratch = folder_of(place, provisions.settings, run.run_id)
    surroundings = Surroundings(clock, random.Random().random, provisions.redactor)  # noqa: S311 - spreads retries, protects nothing
    journal = CallJournal(place.database, clock.now)
    replay = provisions.replay
    answers = Replay(replay, options.is_replay_strict) if replay else None
    linked = tuple(item.path for item in plan.workspace.link)
    head = branch.ensure(run.base_commit)
    work_tree = WorkTree.open_or_make(branch.repository, scratch / SLOT, head, linked=linked)
    sandbox = sandbox_for(place, plan, provisions.settings, work_tree, scratch / "out")
    state.runs.change(run.run_id, sandbox=sandbox.name)
    return Workbench(
        run_id=run.run_id,
        plan=plan,
        settings=provisions.settings,
        state=state,
        repository=branch.repository,
        branch=branch,
        work_tree=work_tree,
        sandbox=sandbox,
        llm=LlmService(journal, provisions.settings.models, provisions.reach, surroundings, answers),
        keys=provisions.keys,
        caps=caps,
        replay=replay,
        model=options.model,
        redactor=provisions.redactor,
        clock=clock,
        environment=place.environment,
        records=records_folder(place.records, run.run_id),
        scratch=scratch / "out",
        stop=stop,
        observe=watcher.observe,
        notes=provisions.notes,
    )


def folder_of(place: Place, settings: Settings, run_id: str) -> Path:
    """Where the run's work tree and what its commands write lie, outside of every repository."""
    chosen = settings.workspace.dir
    return (Path(chosen).expanduser() if chosen else user_state_dir(place.environment)) / place.repository.repo_id / run_id


def _state(place: Place, run_id: str, clock: Clock) -> State:
    database, now = place.database, clock.now
    return State(
        database=database,
        runs=place.runs,
        phases=Phases(database, place.events, run_id, now),
        events=place.events,
        owners=Owners(database, run_id, now),
        baselines=Baselines(database, now),
    )


def _caps(plan: Plan, options: RunOptions, provisions: Provisions, run: RunRow) -> Caps:
    """The lower of plan, configuration and flag; a start without the flag keeps what the last one was given."""
    usd = [plan.budget.max_usd, provisions.settings.max_usd, options.max_usd or run.max_usd]
    tokens = [plan.budget.max_tokens, provisions.settings.max_tokens, options.max_tokens or run.max_tokens]
    lowest_usd = min((amount for amount in usd if amount is not None), default=None)
    lowest_tokens = min((amount for amount in tokens if amount is not None), default=None)
    return Caps(run_usd=Decimal(str(lowest_usd)) if lowest_usd is not None else None, run_tokens=lowest_tokens)


def _float(amount: Decimal | None) -> float | None:
    return float(amount) if amount is not None else None
