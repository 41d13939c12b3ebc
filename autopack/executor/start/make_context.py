"""Makes what a start works with: the run's row, its branch and work tree, LlmService."""

import json
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from autopack.checks.processes.process_table import boot_id
from autopack.core.call import Role
from autopack.core.clock import Clock
from autopack.core.errors import ProviderBlockedError
from autopack.core.memory import Entry
from autopack.core.plan import Plan
from autopack.core.settings import Settings
from autopack.core.states import PhaseState
from autopack.core.token_count import CHARACTERS_PER_TOKEN
from autopack.executor.caps import caps_of, columns_of, hours_of
from autopack.executor.commands.open_slot import open_slot, registered
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ProjectState, records_folder
from autopack.executor.run_context import ModelAccess, RunContext, RunLog, State, WorkSite
from autopack.executor.sleep_detection import SleepDetector
from autopack.executor.slot import SlotFolders
from autopack.executor.spending import journal_of
from autopack.executor.start.choose_run import Chosen
from autopack.executor.start.run_inputs import RunInputs, changed_settings
from autopack.executor.stopping import StopFlag
from autopack.executor.waiting import Waits
from autopack.executor.watcher import Watcher
from autopack.llm.calls.replay import Replay
from autopack.llm.calls.routing import Asked, chain
from autopack.llm.service import LlmService, Surroundings
from autopack.memory.learned import of_plan
from autopack.memory.rule_file import RuleFile, rules_path
from autopack.memory.vector_maker import VectorMaker
from autopack.settings.paths import user_state_dir
from autopack.store.baselines import Baselines
from autopack.store.calls import CallJournal
from autopack.store.let_go import calls_let_go
from autopack.store.owners import Owners
from autopack.store.phases import Phases
from autopack.store.runs import NewRun, RunColumns
from autopack.store.tables import PhaseRow, RunRow
from autopack.store.token_counts import counted
from autopack.worktree.run_branch import BranchPosition, RunBranch

_HOUR_S: Final = 3600
_WITHOUT_WORDS: Final = "builders are told why earlier attempts failed, and are not shown what these had written."


@dataclass(frozen=True)
class Given:
    """What a start goes by: the plan it works on, a person's options, settings and keys, and who watches."""

    plan: Plan
    options: RunOptions
    inputs: RunInputs
    clock: Clock
    watcher: Watcher


def make_run(project: ProjectState, chosen: Chosen, options: RunOptions, inputs: RunInputs) -> RunRow:
    """The run's row: as it is, or made now."""
    if chosen.row is not None:
        return chosen.row
    new = NewRun(
        run_id=chosen.run_id,
        repo=str(project.repository.top),
        branch=branch_of(chosen, inputs.settings),
        base_commit=chosen.base,
        plan=chosen.plan,
        plan_path=chosen.source.path,
        plan_text=chosen.source.text,
        plan_sha256=chosen.source.sha256,
        plan_given=json.dumps(dict(chosen.source.given)),
        landed=chosen.landed,
        replay_path=str(options.replay.absolute()) if options.replay else None,
        learned=_learned(chosen, inputs),
        characters_per_token=first_characters_per_token(project, chosen.plan, options.model, inputs),
    )
    return project.runs.create(new)


def first_characters_per_token(project: ProjectState, plan: Plan, model: str | None, inputs: RunInputs) -> float:
    """What a new run goes by: as the latest replies of its first builder report; in a replay as the journal says."""
    if inputs.replay is not None:
        return inputs.replay.header.characters_per_token
    first = plan.phases[0]
    try:
        route = chain(inputs.settings.models, inputs.keys, Asked(Role.BUILDER, first.complexity, first.task_category), model)[0]
    except ProviderBlockedError:
        return CHARACTERS_PER_TOKEN
    return counted(project.database, route.provider.name, route.model).characters_per_token


def _learned(chosen: Chosen, inputs: RunInputs) -> tuple[Entry, ...]:
    redact = inputs.redactor.redact
    asked = of_plan(chosen.plan, chosen.run_id) if inputs.settings.memory.enable_memory else ()
    return tuple(entry.model_copy(update={"cue": redact(entry.cue), "text": redact(entry.text)}) for entry in asked)


def branch_of(chosen: Chosen, settings: Settings) -> str:
    """The branch that a run which is yet to be made will have."""
    return settings.git.branch.replace("{run}", chosen.run_id)


def _kept(run: RunRow, given: Given, *, is_strict: bool) -> RunColumns:
    """What the run keeps of this start, beside its caps."""
    return {
        "settings_json": given.inputs.settings.model_dump_json(),
        "is_replay_strict": is_strict,
        "health_since": given.clock.now() if given.options.resets_health else run.health_since,
    }


def make_context(project: ProjectState, run: RunRow, given: Given, stop: StopFlag) -> RunContext:
    """Claims the run for this process; its work tree stands on the branch's head."""
    plan, options, inputs, clock = given.plan, given.options, given.inputs, given.clock
    state = _state(project, run, journal_of(project, inputs.settings, clock), clock)
    state.owners.claim(os.getpid(), psutil.Process().create_time(), boot_id())
    caps, hours = caps_of(plan, inputs.settings, options, run), hours_of(plan, inputs.settings, options, run)
    is_strict = options.is_replay_strict or run.is_replay_strict
    columns: RunColumns = {**columns_of(caps, hours, options, run), **_kept(run, given, is_strict=is_strict)}
    state.runs.change(run.run_id, **columns)
    state.calls.enter(run.run_id)
    site, notes = _site(project, run, given, state)
    return RunContext(
        site=site,
        models=ModelAccess(
            llm=_llm(inputs, state.calls, clock, is_strict=is_strict),
            vector_maker=VectorMaker.of(inputs.settings, inputs.keys, project.environment),
            settings=inputs.settings.models,
            keys=inputs.keys,
            model=options.model,
            caps=caps,
            waits=Waits(state.runs, run.run_id, stop, _max_wait_s(options, inputs.settings), run.wait_began),
            replay=inputs.replay,
        ),
        hours=hours,
        stop=stop,
        awake=SleepDetector(project.events, run.run_id, clock.now),
        rules=RuleFile(rules_path(project.repository.top), plan.project, inputs.redactor),
        notes=notes,
    )


def _site(project: ProjectState, run: RunRow, given: Given, state: State) -> tuple[WorkSite, tuple[str, ...]]:
    """With what is to be said of the run as this start found it."""
    plan, settings = given.plan, given.inputs.settings
    branch = RunBranch.of(project.repository, run.run_id, run.branch)
    position = branch.ensure(run.head_commit)
    folders = SlotFolders(folder_of(project, settings, run.run_id))
    slot = open_slot(project, registered(branch.repository, plan, folders, position.head), folders, plan, settings)
    slot.work_tree.reset(position.head)
    state.runs.change(run.run_id, sandbox=slot.sandbox.name)
    phases = state.phases.all()
    notes = (*_otherwise_set(run, settings), *_made_again(run, position, phases), *_let_go(run, state, phases))
    log = RunLog(run.run_id, project.events, given.inputs.redactor, given.clock, given.watcher.observe)
    site = WorkSite(plan, settings, project.environment, state, log, branch.repository, branch, slot)
    return site, (*given.inputs.notes, *notes)


def _llm(inputs: RunInputs, journal: CallJournal, clock: Clock, *, is_strict: bool) -> LlmService:
    surroundings = Surroundings(clock, random.Random().random, inputs.redactor)  # noqa: S311 - spreads retries
    answers = Replay(inputs.replay, is_strict) if inputs.replay else None
    return LlmService(journal, inputs.settings.models, inputs.access, surroundings, answers)


def _max_wait_s(options: RunOptions, settings: Settings) -> float:
    return options.max_wait_s if options.max_wait_s is not None else settings.max_wait_hours * _HOUR_S


def folder_of(project: ProjectState, settings: Settings, run_id: str) -> Path:
    """Where the run's slots lie, outside of every repository."""
    chosen = settings.workspace.dir
    return (Path(chosen).expanduser() if chosen else user_state_dir(project.environment)) / project.repository.repo_id / run_id


def _otherwise_set(run: RunRow, settings: Settings) -> tuple[str, ...]:
    changed = changed_settings(run.settings_json, settings)
    return (f"Settings that have changed since the run's last start: {', '.join(changed)}.",) if changed else ()


def _made_again(run: RunRow, position: BranchPosition, phases: Sequence[PhaseRow]) -> tuple[str, ...]:
    """A note where the branch was made again after a person deleted it; a run that has begun nothing has no branch yet."""
    if not position.is_made or all(row.state == PhaseState.QUEUED for row in phases):
        return ()
    return (f"The branch {run.branch} was gone; it was made again at {position.head[:10]}, the run's last commit.",)


def _let_go(run: RunRow, state: State, phases: Sequence[PhaseRow]) -> tuple[str, ...]:
    """A note where earlier attempts of a phase that is to be built are known by their figures only."""
    if all(row.state == PhaseState.COMPLETE for row in phases) or not calls_let_go(state.database, run.run_id):
        return ()
    return (f"What models had answered in this run was let go by `autopack gc`: {_WITHOUT_WORDS}",)


def _state(project: ProjectState, run: RunRow, calls: CallJournal, clock: Clock) -> State:
    database, run_id, now = project.database, run.run_id, clock.now
    return State(
        run_id=run_id,
        records=records_folder(project.records, run_id),
        characters_per_token=run.characters_per_token,
        database=database,
        runs=project.runs,
        phases=Phases(database, project.events, run_id, now),
        calls=calls,
        events=project.events,
        owners=Owners(database, run_id, now),
        baselines=Baselines(database, now),
    )
