"""Opens a slot: git knows its work tree, HOME is there, the sandbox is made and tried."""

from dataclasses import replace

from autopack.core.plan import Plan
from autopack.core.settings import Settings
from autopack.executor.commands.sandbox_setup import filters_inside, sandbox_for
from autopack.executor.project_state import ProjectState
from autopack.executor.slot import Slot, SlotFolders
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree import WorkTree


def registered(repository: Repository, plan: Plan, folders: SlotFolders, head: str) -> WorkTree:
    """The slot's work tree, known to git; ``repository`` is the run's own view of it."""
    return WorkTree.registered(repository, folders.work_tree, head, linked=tuple(item.path for item in plan.workspace.link))


def open_slot(project: ProjectState, work_tree: WorkTree, folders: SlotFolders, plan: Plan, settings: Settings) -> Slot:
    """The slot around a work tree.

    Raises:
        EnvironmentBlockedError: ``sandbox: required`` cannot be met.
    """
    folders.home.mkdir(exist_ok=True)
    sandbox = sandbox_for(project, plan, settings, work_tree, folders.scratch)
    work_tree = replace(work_tree, home=folders.home, run_inside=filters_inside(sandbox, project, settings))
    return Slot(folders, work_tree, sandbox)
