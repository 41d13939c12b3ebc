"""Runs the project's set-up in the run's work tree: links paths once, runs commands once and again when their files change."""

from contextlib import AbstractContextManager
from typing import Final

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.home import make_home
from autopack.checks.commands.setup import SetupSite, is_due
from autopack.checks.commands.setup import set_up as run_set_up
from autopack.core.events import EventName
from autopack.core.plan import SetupStep
from autopack.executor.commands.command_site import command_context_for, environment_for, told_while
from autopack.executor.run_context import WorkSite
from autopack.executor.slot import Slot
from autopack.worktree.link import link
from autopack.worktree.run_branch import RunBranch
from autopack.worktree.submodules import fill_submodules, find_submodules

SUBMODULES: Final = "autopack-submodules.json"
_LINKS: Final = "links"
_PINNED: Final = "pinned"
_ON: Final = "on"
"""The candidate whose code had a hand in what set-up left."""


def link_paths(site: WorkSite) -> None:
    """Raises EnvironmentBlockedError for a path that cannot be linked, or whose installs lead back into the user's checkout."""
    links, has_sandbox, work_tree = site.plan.workspace.link, site.slot.sandbox.program is not None, site.slot.work_tree
    asked = f"{[(item.path, item.mode) for item in links]} {has_sandbox}" if links else "none"
    is_new = work_tree.kept.label.get(_LINKS) != asked
    if is_new:
        work_tree.forget()
        make_home(site.slot.home, site.environment)
    link(site.repository, work_tree.place, links, has_sandbox=has_sandbox)
    if is_new:
        work_tree.keep({_LINKS: asked})
    open_links = [item.path for item in links if item.mode == "symlink" and not has_sandbox]
    if open_links:
        what = f"workspace.link: without a sandbox commands can write into your own {', '.join(open_links)} (mode symlink); "
        site.log.tell(EventName.NOTE, message=what + "mode copy or ro keeps it as it is.")


def set_up(site: WorkSite, commit: str, *, is_candidate: bool = False, again: bool = False) -> None:
    """Brings the work tree to a commit, fills submodules and runs what has to be run on it: ``again`` also where the stamps still hold."""
    work_tree = site.slot.work_tree
    _leave_candidates(site.branch, site.slot, commit)
    work_tree.reset(commit)
    _bring_submodules(site, commit)
    if not site.plan.workspace.setup:
        return
    label = dict(work_tree.kept.label)
    stamps: dict[str, str] = {name: said for name, said in label.items() if not again or name in (_LINKS, _PINNED)}

    def context_of(step: SetupStep) -> CommandContext:
        return command_context_for(site, "setup", environment_for(site, "-", env_from=step.env_from), network=step.network)

    def during_set_up(command: str) -> AbstractContextManager[None]:
        return told_while(site.log, "set-up", command)

    paths = tuple(site.tree(commit).entries)
    run_on = SetupSite(context_of, paths, stamps.get, stamps.__setitem__, is_candidate, during_set_up)
    if not is_due(site.plan.workspace.setup, run_on):
        return
    for command in run_set_up(site.plan.workspace.setup, run_on):
        site.log.tell(EventName.SETUP, message=f"set up: {command}")
    work_tree.keep({**stamps, _ON: commit if is_candidate else ""}, is_trusted=not is_candidate)


def _bring_submodules(site: WorkSite, commit: str) -> None:
    """Fills submodules anew where a commit pins other ones; keeps them like what set-up leaves."""
    if not site.plan.workspace.submodules:
        return
    work_tree = site.slot.work_tree
    found = find_submodules(site.tree(commit), site.repository.common_dir / "modules")
    pinned, label = " ".join(f"{one.path}={one.commit}" for one in found), work_tree.kept.label
    if label.get(_PINNED, "") == pinned:
        return
    (work_tree.notes / SUBMODULES).unlink(missing_ok=True)
    filled = fill_submodules(found, work_tree.place, work_tree.notes / SUBMODULES)
    work_tree.keep({**label, _PINNED: pinned}, is_trusted=not label.get(_ON))
    site.log.tell(EventName.SUBMODULES, message=f"submodules filled from your own clones: {', '.join(filled)}")


def _leave_candidates(branch: RunBranch, slot: Slot, commit: str) -> None:
    """What set-up left on a candidate serves that candidate alone, until it has landed."""
    on = slot.work_tree.kept.label.get(_ON, "")
    if on in ("", commit):
        return
    if branch.contains(on):
        slot.work_tree.trust()
    else:
        slot.work_tree.fall_back()
