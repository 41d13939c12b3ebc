"""Fills submodules of the run's work tree from the user's clones below ``.git/modules``: ``workspace.submodules``.

No program runs on them: no hook, no filter, no network. What lies there is what is committed, byte for byte, and no repository.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.edits.model import EditRefused
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import read_blobs
from autopack.worktree.disk_files import opened_parent, opened_root
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.git import Git, as_text, split_z
from autopack.worktree.removing import remove_tree
from autopack.worktree.tree_entries import Entry

_LINK: Final = "120000"
_EXECUTABLE: Final = "100755"
_PIECE_BYTES: Final = 16 << 20


@dataclass(frozen=True)
class Submodule:
    """``path`` counts from the root of the outermost repository, ``commit`` is the one that is pinned, ``git`` asks its clone."""

    path: str
    commit: str
    git: Git


def find_submodules(base: BaseTree, clones: Path, *, above: str = "") -> tuple[Submodule, ...]:
    """The submodules of a commit, and those within them. ``clones`` is ``<git dir>/modules``.

    Raises:
        EnvironmentBlockedError: the clone of one is not there, or lacks the commit.
    """
    found: list[Submodule] = []
    names = _names(base) if base.submodules else {}
    for path in base.submodules:
        whole, commit = f"{above}{path}", base.entries[path].oid
        clone = clones / names.get(path, path)
        if not _is_below(names.get(path, path)) or not (clone / "HEAD").is_file():
            raise _missing(whole, "is not there")
        git = replace(base.git, directory=clone, git_dir=clone, work_tree=clone, config=())
        if git.attempt("cat-file", "-e", f"{commit}^{{commit}}").exit_code != 0:
            raise _missing(whole, f"lacks its commit {commit[:10]}")
        inner = BaseTree(git, commit)
        found += [Submodule(whole, commit, git), *find_submodules(inner, clone / "modules", above=f"{whole}/")]
    return tuple(found)


def fill_submodules(submodules: tuple[Submodule, ...], place: Path, stamps: Path) -> tuple[str, ...]:
    """Writes those that are not there yet at their commits, the outer ones first; gives their paths. Killed, it is begun anew.

    ``stamps`` is a file that lives as long as the work tree at ``place``.
    """
    known = _read(stamps)
    if all(known.get(one.path) == one.commit and _is_filled(place / one.path) for one in submodules):
        return ()
    stamps.unlink(missing_ok=True)
    with disk_trouble(place):
        for one in submodules:
            try:
                _fill(one, place)
            except EditRefused as error:
                raise EnvironmentBlockedError(f"workspace.submodules: '{one.path}' cannot be filled: something is in its way.") from error
        draft = stamps.with_suffix(".part")
        draft.write_text(json.dumps({one.path: one.commit for one in submodules}), "utf-8")
        draft.replace(stamps)
    return tuple(one.path for one in submodules)


def _fill(one: Submodule, place: Path) -> None:
    tree = BaseTree(one.git, one.commit)
    if not all(_is_below(path) for path in tree.entries):
        raise EnvironmentBlockedError(f"workspace.submodules: '{one.path}' holds a file whose name is git's own or leads out of it.")
    with opened_root(place) as root_fd:
        with opened_parent(root_fd, one.path) as (parent_fd, leaf):
            remove_tree(place / one.path)
            os.mkdir(leaf, dir_fd=parent_fd)
        for piece in _pieces(tree.entries):
            blobs = read_blobs(one.git, (entry.oid for entry in piece.values()))
            for path, entry in piece.items():
                _write(root_fd, f"{one.path}/{path}", entry.mode, blobs[entry.oid])
        for path in tree.submodules:
            _make_folders(root_fd, f"{one.path}/{path}/")


def _pieces(entries: Mapping[str, Entry]) -> Iterator[dict[str, Entry]]:
    """The files in batches that fit into memory."""
    piece: dict[str, Entry] = {}
    size = 0
    for path, entry in entries.items():
        if entry.type == "blob":
            piece[path] = entry
            size += entry.size or 0
            if size > _PIECE_BYTES:
                yield piece
                piece, size = {}, 0
    yield piece


def _write(root_fd: int, path: str, mode: str, data: bytes) -> None:
    _make_folders(root_fd, path)
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        if mode == _LINK:
            os.symlink(data, leaf, dir_fd=parent_fd)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(leaf, flags, 0o777 if mode == _EXECUTABLE else 0o666, dir_fd=parent_fd)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)


def _make_folders(root_fd: int, path: str) -> None:
    """The folders above a path; with a final ``/`` the path itself too. Follows no link."""
    end = path.find("/")
    while end > 0:
        with opened_parent(root_fd, path[:end]) as (parent_fd, leaf), suppress(FileExistsError):
            os.mkdir(leaf, dir_fd=parent_fd)
        end = path.find("/", end + 1)


def _names(base: BaseTree) -> dict[str, str]:
    """Path -> name, by the commit's own ``.gitmodules``."""
    words = ("config", "--no-includes", "--blob", f"{base.commit}:.gitmodules", "-z", "--get-regexp", r"^submodule\..*\.path$")
    outcome = base.git.attempt(*words)
    rows = (row.partition("\n") for row in split_z(outcome.stdout)) if outcome.exit_code == 0 else ()
    return {path: key.removeprefix("submodule.").removesuffix(".path") for key, _, path in rows}


def _is_below(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and not any(part == ".." or part.lower() == ".git" for part in parts)


def _is_filled(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and any(folder.iterdir())


def _missing(path: str, what: str) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(
        f"workspace.submodules: your clone of '{path}' {what}. Run git submodule update --init --recursive in your checkout, then resume."
    )


def _read(stamps: Path) -> dict[str, str]:
    try:
        found = json.loads(as_text(stamps.read_bytes()))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
