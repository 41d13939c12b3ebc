"""Keeps what set-up left below a folder, so that it can be restored: a manifest and copies, where no command can reach them."""

import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.copying import copy_file
from autopack.worktree.disk_files import opened_parent, opened_root, usable_parent
from autopack.worktree.manifest import Entry, Manifest, add_above, entry_of
from autopack.worktree.removing import remove_tree

_RECORD: Final = "record.json"

SourceOf = Callable[[str], Path | None]
"""Gives the user's own copy of a path, if there is one; while that is the same file, no other copy is needed."""


@dataclass(frozen=True)
class Snapshot:
    """One state of all that commands may write, a manifest for each folder by its name: the work tree, HOME.

    ``number`` is the folder of its copies; ``label`` says what it is the state of.
    """

    number: int = 0
    label: Mapping[str, str] = field(default_factory=dict)
    manifests: Mapping[str, Manifest] = field(default_factory=dict)

    def of(self, root: str) -> Manifest:
        return self.manifests.get(root, {})


@dataclass(frozen=True)
class SnapshotStore:
    """The states that are kept of one folder: at most the last one that may be trusted, and the present one."""

    folder: Path
    source_of: SourceOf = lambda _: None

    def read(self) -> tuple[Snapshot, ...]:
        """The states, oldest first; none where nothing was kept, or where it is not whole."""
        try:
            rows = json.loads((self.folder / _RECORD).read_text("utf-8"))
            found = tuple(
                Snapshot(row["number"], row["label"], {name: _manifest_of(found) for name, found in row["manifests"].items()})
                for row in rows
            )
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return ()
        return tuple(kept for kept in found if (self.folder / str(kept.number)).is_dir())

    def write(self, states: Iterable[Snapshot]) -> None:
        """Keeps these states and removes all others."""
        states = tuple(states)
        if not states:
            remove_tree(self.folder)
            return
        rows = [{"number": kept.number, "label": dict(kept.label), "manifests": dict(kept.manifests)} for kept in states]
        draft = self.folder / f"{_RECORD}.part"
        draft.write_text(json.dumps(rows), "utf-8")
        draft.replace(self.folder / _RECORD)
        wanted = {_RECORD, *(str(kept.number) for kept in states)}
        for path in self.folder.iterdir():
            if path.name not in wanted:
                remove_tree(path)

    def keep(self, roots: Mapping[str, tuple[Path, Manifest]], label: Mapping[str, str], before: Snapshot) -> Snapshot:
        """Copies what the manifests name, except what has not changed since ``before``; ``write`` makes the state last."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.name) for path in self.folder.iterdir() if path.name.isdigit()), default=0)
        place = self.folder / str(number)
        place.mkdir()
        for name, (root, manifest) in roots.items():
            (place / name).mkdir()
            self._copy_all(root, place / name, manifest, (self.folder / str(before.number) / name, before.of(name)))
        return Snapshot(number, label, {name: manifest for name, (_, manifest) in roots.items()})

    def _copy_all(self, root: Path, place: Path, manifest: Manifest, before: tuple[Path, Manifest]) -> None:
        older, was = before
        folders: set[str] = set()
        add_above(folders, manifest)
        folders.update(path for path, entry in manifest.items() if entry.is_folder)
        same = {path for path, entry in was.items() if manifest.get(path) == entry}
        with opened_root(root) as root_fd, opened_root(place) as place_fd:
            for path in sorted(folders):
                os.mkdir(path, dir_fd=place_fd)
            lacking = [
                path
                for path, entry in sorted(manifest.items())
                if not (entry.is_folder or self._is_the_users(path, entry) or (path in same and _linked(older / path, place / path)))
            ]
            for _, group in groupby(lacking, _folder_of):
                _copy_group(root_fd, place_fd, {path: manifest[path] for path in group})

    def put_back(self, kept: Snapshot, name: str, root_fd: int, paths: Iterable[str]) -> Manifest:
        """Restores missing paths, folders before what is in them; gives them as they lie there then.

        Raises:
            EnvironmentBlockedError: a copy is gone; the next start sets up anew.
        """
        found: Manifest = {}
        place, manifest = self.folder / str(kept.number) / name, kept.of(name)
        wanted = sorted(paths)
        for folder, group in groupby(wanted, _folder_of):
            with usable_parent(root_fd, f"{folder}/." if folder else ".") as (parent_fd, _):
                for path in group:
                    entry, leaf = manifest[path], _leaf_of(path)
                    if entry.is_folder:
                        os.mkdir(leaf, dir_fd=parent_fd)
                    else:
                        self._again(parent_fd, leaf, place / path, path, entry)
                    found[path] = entry_of(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False))
        for path in reversed([path for path in wanted if manifest[path].is_folder]):  # the innermost first: a mode may close it
            with opened_parent(root_fd, path) as (parent_fd, leaf):
                os.chmod(leaf, stat.S_IMODE(manifest[path].mode), dir_fd=parent_fd)
                found[path] = entry_of(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False))
        return found

    def _again(self, parent_fd: int, leaf: str, copy: Path, path: str, entry: Entry) -> None:
        if entry.is_link:
            with suppress(FileNotFoundError):
                os.symlink(copy.readlink(), leaf, dir_fd=parent_fd)
                return
        elif _is_copy(copy, entry):
            copy_file(copy, leaf, parent_fd, entry)
            return
        elif (source := self.source_of(path)) is not None and self._is_the_users(path, entry):
            copy_file(source, leaf, parent_fd, entry)
            return
        with suppress(FileNotFoundError):
            (self.folder / _RECORD).unlink()
        raise EnvironmentBlockedError(
            f"A command changed {path}, of which there is no copy any more. The next start sets up the work tree anew: resume."
        )

    def _is_the_users(self, path: str, entry: Entry) -> bool:
        source = self.source_of(path)
        return source is not None and not entry.is_link and _is_copy(source, entry)


def _manifest_of(rows: Mapping[str, list[int]]) -> Manifest:
    return {path: Entry(*entry) for path, entry in rows.items()}


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _leaf_of(path: str) -> str:
    return path.rpartition("/")[2]


def _copy_group(root_fd: int, place_fd: int, group: Manifest) -> None:
    """Copies what lies in one folder."""
    first = next(iter(group))
    with opened_parent(root_fd, first) as (parent_fd, _), opened_parent(place_fd, first) as (copy_fd, _):
        for path, entry in group.items():
            leaf = _leaf_of(path)
            if entry.is_link:
                os.symlink(os.readlink(leaf, dir_fd=parent_fd), leaf, dir_fd=copy_fd)
                continue
            source = _readable(parent_fd, leaf, entry)
            try:
                copy_file(source, leaf, copy_fd, entry)
            finally:
                os.close(source)


def _readable(parent_fd: int, leaf: str, entry: Entry) -> int:
    """A descriptor of the file, also where it is closed to its owner."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(leaf, flags, dir_fd=parent_fd)
    except PermissionError:
        os.chmod(leaf, stat.S_IRUSR, dir_fd=parent_fd)
        try:
            return os.open(leaf, flags, dir_fd=parent_fd)
        finally:
            os.chmod(leaf, stat.S_IMODE(entry.mode), dir_fd=parent_fd)


def _linked(old: Path, new: Path) -> bool:
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:
        return False
    return True


def _is_copy(file: Path, entry: Entry) -> bool:
    """Whether the file looks like the one that the entry describes."""
    try:
        status = file.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and (status.st_size, status.st_mtime_ns) == (entry.size, entry.mtime_ns)
