"""The project's own set-up in the run's work tree: linked paths once, commands once and again when their files change."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from autopack.checks.place import Place
from autopack.checks.setup import SetupSite
from autopack.checks.setup import set_up as run_set_up
from autopack.core.plan import SetupStep
from autopack.executor.command_place import environment_for, place_for, told_while
from autopack.executor.workbench import Workbench
from autopack.worktree.link import link
from autopack.worktree.slot import WorkTree
from autopack.worktree.submodules import fill_submodules, find_submodules

SUBMODULES: Final = "autopack-submodules.json"
_STAMPS: Final = "autopack-setup.json"


def link_paths(bench: Workbench) -> None:
    """Raises EnvironmentBlockedError for a path that cannot be linked, or whose installs lead back into the user's checkout."""
    if bench.plan.workspace.link:
        has_sandbox = bench.sandbox.program is not None
        link(bench.repository, bench.work_tree.place, bench.plan.workspace.link, has_sandbox=has_sandbox)
        open_links = [item.path for item in bench.plan.workspace.link if item.mode == "symlink" and not has_sandbox]
        if open_links:
            what = f"workspace.link: without a sandbox commands can write into your own {', '.join(open_links)} (mode symlink); "
            bench.tell("note", message=what + "mode copy or ro keeps it as it is.")


def set_up(bench: Workbench, commit: str, *, is_candidate: bool = False) -> None:
    """Fills submodules and runs what has to be run on the commit that the work tree stands on; nothing where the stamps still hold."""
    _bring_submodules(bench, commit)
    if not bench.plan.workspace.setup:
        return
    stamps = _Stamps(bench.work_tree.notes / _STAMPS)

    def place_of(step: SetupStep) -> Place:
        return place_for(bench, "setup", environment_for(bench, "-", env_from=step.env_from), network=step.network)

    def during_set_up(command: str) -> AbstractContextManager[None]:
        return told_while(bench, "set-up", command)

    site = SetupSite(place_of, tuple(bench.tree(commit).entries), stamps.recall, stamps.remember, is_candidate, during_set_up)
    for command in run_set_up(bench.plan.workspace.setup, site):
        bench.tell("setup", message=f"set up: {command}")


def _bring_submodules(bench: Workbench, commit: str) -> None:
    if not bench.plan.workspace.submodules:
        return
    found = find_submodules(bench.tree(commit), bench.repository.common_dir / "modules")
    filled = fill_submodules(found, bench.work_tree.place, bench.work_tree.notes / SUBMODULES)
    if filled:
        bench.tell("submodules", message=f"submodules filled from your own clones: {', '.join(filled)}")


def forget_set_up(work_tree: WorkTree) -> None:
    """What set-up left outside of the work tree is gone: it runs again."""
    (work_tree.notes / _STAMPS).unlink(missing_ok=True)


class _Stamps:
    """What was done to this very work tree, in a file that goes with it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def recall(self, name: str) -> str | None:
        return self._all().get(name)

    def remember(self, name: str, stamp: str) -> None:
        draft = self._file.with_suffix(".part")
        draft.write_text(json.dumps({**self._all(), name: stamp}), "utf-8")
        draft.replace(self._file)

    def _all(self) -> dict[str, str]:
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return {str(name): str(stamp) for name, stamp in found.items()} if isinstance(found, dict) else {}
