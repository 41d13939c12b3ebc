"""Computes what is to lie in a work tree: a commit's files as they are, and beside them what set-up left."""

from dataclasses import dataclass

from autopack.worktree.base_tree import BaseTree
from autopack.worktree.filters import named
from autopack.worktree.manifest import Manifest, add_above

Laid = dict[str, tuple[str, str]]
"""Tracked files: path -> mode and blob."""


@dataclass(frozen=True)
class Target:
    """``folders`` are those that tracked files, submodules and ``made`` need and that are not themselves in ``made``."""

    laid: Laid
    folders: frozenset[str]
    made: Manifest
    attributes: Laid


def target_of(tree: BaseTree, kept: Manifest) -> Target:
    laid = {path: (entry.mode, entry.oid) for path, entry in tree.entries.items() if entry.type == "blob"}
    folders = set(tree.submodules)
    add_above(folders, tree.entries)
    made = _beside(kept, laid, folders)
    around = set(folders)
    add_above(around, made)
    attributes = {path: laid[path] for path in named(tree, ".gitattributes") if path in laid}
    return Target(laid, frozenset(around - made.keys()), made, attributes)


def _beside(made: Manifest, laid: Laid, folders: set[str]) -> Manifest:
    """What of set-up has room beside the commit's files; a folder that both have is the commit's."""
    has_room = {"": True}

    def fits(folder: str) -> bool:
        if folder not in has_room:
            is_file = folder in laid or (folder in made and not made[folder].is_folder)
            has_room[folder] = not is_file and fits(folder.rpartition("/")[0])
        return has_room[folder]

    return {path: entry for path, entry in made.items() if path not in laid and path not in folders and fits(path.rpartition("/")[0])}
