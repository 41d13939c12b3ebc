"""Looks at everything that a run would need, in the order in which a start looks, and makes nothing: ``autopack doctor``."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from autopack.core.clock import Clock
from autopack.core.counted import counted
from autopack.core.errors import InvalidInputError, UserError
from autopack.core.plan import Plan
from autopack.core.readiness import Check, Finding, Readiness
from autopack.core.settings import Settings
from autopack.core.states import RunState
from autopack.executor.commands.sandbox_setup import sandbox_for
from autopack.executor.project_state import ProjectState, open_project
from autopack.executor.slot import SlotFolders
from autopack.executor.start.disk import require_room, size
from autopack.executor.start.make_context import folder_of
from autopack.executor.start.models_ready import models_ready
from autopack.planning.plan_file import find_plan, load_plan
from autopack.settings.keys import env_file_notes, find_keys
from autopack.worktree.removing import remove_tree
from autopack.worktree.work_tree import WorkTree

_RUNS_TOLD: Final = 5


def look(repo: Path, clock: Clock, *, is_online: bool = False) -> Readiness:
    """``is_online``: every model that a run could reach is asked a tiny question."""
    return Readiness(findings=tuple(_findings(repo, clock, is_online=is_online)))


def _findings(repo: Path, clock: Clock, *, is_online: bool) -> Iterator[Finding]:
    try:
        project = open_project(repo, clock, makes=False)
    except UserError as error:
        yield Finding.stopping("git", error)
        return
    with closing(project.database):
        yield _git(project)
        try:
            settings = project.effective.settings
        except InvalidInputError as error:
            yield from _faults("configuration", error)
            return
        yield Finding.of("configuration", "sound (autopack config show says where each value came from)")
        plan = yield from _plan(project)
        yield _sandbox(project, plan, settings)
        yield from _disk(project, settings)
        yield from _keys(project, settings)
        yield from models_ready(project, settings, clock, plan, is_online=is_online)
        yield from _runs(project)


def _faults(check: Check, error: InvalidInputError) -> Iterator[Finding]:
    """One finding a fault."""
    for problem in error.problems or (error.message,):
        yield Finding.stopping(check, InvalidInputError(problem), "correct it, then: autopack doctor")


def _git(project: ProjectState) -> Finding:
    repository = project.repository
    commit, branch = repository.head()
    version = repository.git.line("version").removeprefix("git version ")
    uncommitted = len(repository.uncommitted())
    message = f"git {version}; {repository.top}, {f'on {branch}' if branch else 'detached'} at {commit[:10]}"
    if not uncommitted:
        return Finding.of("git", message)
    return Finding.of("git", f"{message}, {uncommitted} paths not committed", "a run starts from the commit: commit what it is to see")


def _plan(project: ProjectState) -> Generator[Finding, None, Plan]:
    try:
        source = find_plan(project.repository.top, None)
    except InvalidInputError as error:
        yield Finding.stopping("plan", error, "autopack init, or autopack run --plan FILE")
        return _without_plan()
    try:
        plan = load_plan(source.as_written, project.repository.top.name, project.key_variables)
    except InvalidInputError as error:
        yield from _faults("plan", error)
        return _without_plan()
    yield Finding.of("plan", f"{source.path}: {counted(len(plan.phases), 'phase')} (autopack plan check --run-checks tries its commands)")
    return plan


def _without_plan() -> Plan:
    """The sandbox is tried without links and without folders of a plan's programs."""
    return Plan.model_construct(project="", goal="", phases=())


def _sandbox(project: ProjectState, plan: Plan, settings: Settings) -> Finding:
    folders = SlotFolders(folder_of(project, settings, f"doctor-{os.getpid()}"))
    try:
        folders.work_tree.mkdir(parents=True)
        sandbox = sandbox_for(project, plan, settings, WorkTree(project.repository, folders.work_tree), folders.scratch)
    except UserError as error:
        return Finding.stopping("sandbox", error)
    except OSError as error:
        return Finding.of("sandbox", f"{folders.root}: it cannot be tried ({error.strerror})", "give write access there")
    finally:
        with suppress(OSError):
            remove_tree(folders.root)
    if sandbox.program is not None:
        return Finding.of("sandbox", "bubblewrap holds: tried, nothing got out")
    return Finding.of("sandbox", f"none: {sandbox.reason}; commands of a plan run as you", "install bubblewrap (bwrap), or accept that")


def _disk(project: ProjectState, settings: Settings) -> Iterator[Finding]:
    places = {"the run's work tree": folder_of(project, settings, "x").parent, "state and records": project.database.path.parent}
    for what, place in places.items():
        try:
            require_room({what: place}, settings.workspace.min_free_bytes)
        except UserError as error:
            yield Finding.stopping("disk", error, f"make room on the file system of {place}")
            continue
        there = next(folder for folder in (place, *place.parents) if folder.exists())
        yield Finding.of("disk", f"{size(shutil.disk_usage(there).free)} free for {what} ({place})")


def _keys(project: ProjectState, settings: Settings) -> Iterator[Finding]:
    keys = {key.provider: key for key in find_keys(settings, project.environment, project.repository.top)}
    for provider in settings.models.providers:
        key = keys.get(provider.name)
        if key is None:
            yield Finding.of("keys", f"{provider.name}: no key; its models are left out", f"set {provider.api_key_env} if you want them")
        else:
            place = "the environment" if key.source == "environment" else f"the repository's {key.source}"
            yield Finding.of("keys", f"{provider.name}: {key.variable} …{key.last_four}, from {place}")
    for text in env_file_notes(settings, project.environment, project.repository.top):
        yield Finding.of("keys", text, "nothing, unless you counted on it")


def _runs(project: ProjectState) -> Iterator[Finding]:
    told = 0
    for row in project.runs.newest_first():
        state = RunState(project.status(row.run_id).state)
        words = {RunState.INTERRUPTED: "was interrupted, or never began", RunState.HELD: "waits for a person"}
        if state in words and told < _RUNS_TOLD:
            told += 1
            command = "resume" if state is RunState.INTERRUPTED else "status"
            yield Finding.of("runs", f"{row.run_id} {words[state]}", f"autopack {command} {row.run_id}")
    if not told:
        yield Finding.of("runs", "none is left half done")
