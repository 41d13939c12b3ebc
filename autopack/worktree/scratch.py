"""Asks git for conversions and ignore rules of a commit, over a folder that no command of the plan can write.

The folder lies beside the work tree, and holds nothing but what Autopack has just put there.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import parse_blobs
from autopack.worktree.copying import copy_bytes
from autopack.worktree.disk_files import opened_parent, opened_root
from autopack.worktree.filters import LFS, Filters, attributes_of, filter_by_path, lfs_object, named
from autopack.worktree.git import Git, GitError, as_bytes, as_text, split_z
from autopack.worktree.index_file import Tracked, index_bytes
from autopack.worktree.removing import remove_tree
from autopack.worktree.repository import Repository

TIMEOUT_S: Final = 1800.0
_LINK: Final = "120000"
_LAY: Final = ("checkout-index", "--force", "-z", "--stdin")
_HASHING: Final = ("hash-object", "-w", "--stdin-paths")
_SHOWING: Final = ("cat-file", "--batch")
_IGNORED: Final = ("check-ignore", "-z", "--no-index", "--stdin")
_FOUND_OR_NOT: Final = (0, 1)

RunInside = Callable[[Sequence[str], Mapping[str, str], Path], str | None]
"""Runs an argument list in the sandbox, which can write that folder alone; gives a sentence where that failed."""


@dataclass(frozen=True)
class Scratch:
    """``git`` knows the work tree's own administrative folder; ``run_inside`` is None where there is no sandbox."""

    repository: Repository
    git: Git
    folder: Path
    filters: Filters
    run_inside: RunInside | None = None

    @contextmanager
    def checked_out(self, tree: BaseTree, paths: Iterable[str]) -> Iterator[Path]:
        """A folder in which these files of the commit lie as a checkout writes them."""
        wanted = [path for path in paths if tree.entries[path].type == "blob"]
        with self._empty() as place:
            if wanted:
                self._check_out(tree, wanted, place)
            yield place

    def ignored(self, tree: BaseTree, paths: Sequence[str]) -> frozenset[str]:
        """The paths that git ignores in the commit, by the commit's rules and the user's."""
        if not paths:
            return frozenset()
        with self._empty() as place:
            _put(tree, ".gitignore", place)
            names = b"".join(as_bytes(path) + b"\0" for path in paths)
            extra = {**self._index(tree, ()), "GIT_LITERAL_PATHSPECS": "0"}  # which this command does not know
            outcome = self._git(place).attempt(*_IGNORED, stdin=names, extra=extra)
        if outcome.exit_code not in _FOUND_OR_NOT:
            raise GitError(_IGNORED, outcome.exit_code, outcome.stderr)
        return frozenset(split_z(outcome.stdout))

    def converted(self, tree: BaseTree, root: Path, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes that git would add for files of the work tree."""
        if not paths:
            return {}
        with self._empty() as place:
            _put(tree, ".gitattributes", place)
            for path in paths:
                _copy(root, place, path)
            filtered = self._filtered(tree, paths, place, "clean")
            lfs = next((path for path, name in filtered.items() if name == LFS), None)
            if lfs is not None:
                raise AttemptFailed(FailureKind.DERIVE_FAILED, f"A derive step wrote {lfs}, which Git LFS keeps: no derive step may.")
            plain = [path for path in paths if path not in filtered]
            return {**self._cleaned(tree, place, plain), **self._cleaned(tree, place, list(filtered), has_filters=True)}

    def _check_out(self, tree: BaseTree, wanted: Sequence[str], place: Path) -> None:
        index = self._index(tree, wanted)
        self._git(place).run(*_LAY, stdin=_listing(wanted), extra=index, timeout_s=TIMEOUT_S)
        filtered = self._filtered(tree, wanted, place, "smudge")
        for path in (path for path, name in filtered.items() if name == LFS):
            kept = lfs_object(place / path, self.repository.common_dir)
            if kept is not None:
                _fill(place / path, kept)
        others = [path for path, name in filtered.items() if name != LFS]
        if others:
            self._with_filters(place, _LAY, _listing(others), index)

    def _filtered(self, tree: BaseTree, paths: Sequence[str], place: Path, direction: str) -> dict[str, str]:
        """The paths for which git would start a program, and its name."""
        if not self.filters.may_matter(tree):
            return {}
        found = filter_by_path(self._git(place), paths, self._index(tree, paths))
        return {path: name for path, name in found.items() if self.filters.runs(name, direction)}

    def _with_filters(self, place: Path, words: Sequence[str], listing: bytes, index: Mapping[str, str]) -> None:
        """Checks the files out in the sandbox; without one, as the user's own git would, but in this folder."""
        git = self._git(place, has_filters=True)
        if self.run_inside is None:
            git.run(*words, stdin=listing, extra=index, timeout_s=TIMEOUT_S)
            return
        (self.folder / "listing").write_bytes(listing)
        trouble = self.run_inside(_reading(self.folder / "listing", git.words(*words)), index, self.folder)
        if trouble is not None:
            raise EnvironmentBlockedError(f"A filter of your git configuration failed in the sandbox: {trouble}")

    def _cleaned(self, tree: BaseTree, place: Path, paths: Sequence[str], *, has_filters: bool = False) -> dict[str, bytes]:
        """Converts the files through an object store of its own, from which no gc removes them."""
        if not paths:
            return {}
        common = self.repository.common_dir / "objects"
        own = {"GIT_OBJECT_DIRECTORY": str(self.folder / "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(common)}
        (self.folder / "objects").mkdir(exist_ok=True)
        listing, index = b"".join(_quoted(path) + b"\n" for path in paths), {**self._index(tree, ()), **own}
        git = self._git(place, has_filters=has_filters)
        if self.run_inside is None or not has_filters:
            oids = as_text(git.run(*_HASHING, stdin=listing, extra=index, timeout_s=TIMEOUT_S)).split()
            found = parse_blobs(git.run(*_SHOWING, stdin="".join(f"{oid}\n" for oid in oids).encode(), extra=index, timeout_s=TIMEOUT_S))
        else:
            (self.folder / "listing").write_bytes(listing)
            script = f'to="$1"; shift; "$@" {" ".join(_HASHING)} > "$to/oids" && "$@" {" ".join(_SHOWING)} < "$to/oids" > "$to/blobs"'
            shell = ("sh", "-c", script, "clean", str(self.folder), *git.words())
            trouble = self.run_inside(_reading(self.folder / "listing", shell), index, self.folder)
            if trouble is not None:
                raise AttemptFailed(FailureKind.DERIVE_FAILED, f"A filter of the git configuration failed on derived files: {trouble}")
            oids, found = (self.folder / "oids").read_text("ascii").split(), parse_blobs((self.folder / "blobs").read_bytes())
        return {path: found[oid] for path, oid in zip(paths, oids, strict=True)}

    @contextmanager
    def _empty(self) -> Iterator[Path]:
        remove_tree(self.folder)
        place = self.folder / "tree"
        place.mkdir(parents=True)
        try:
            yield place
        finally:
            remove_tree(self.folder)

    def _index(self, tree: BaseTree, paths: Iterable[str]) -> dict[str, str]:
        """An index of these files and of every file of attributes, by which git converts them."""
        wanted = dict.fromkeys((*paths, *attributes_of(tree)))
        rows = (Tracked(path, tree.entries[path].mode, tree.entries[path].oid) for path in wanted if path in tree.entries)
        file = self.folder / "index"
        file.write_bytes(index_bytes(rows, tree.commit))
        return {"GIT_INDEX_FILE": str(file)}

    def _git(self, place: Path, *, has_filters: bool = False) -> Git:
        git = Git(place, self.git.environment, self.git.git_dir, place, self.git.config, self.git.held, self.git.patience)
        if not has_filters:
            return git.configured(*self.filters.off)
        users = (f"core.attributesFile={self._shown(self.filters.users)}",) if self.filters.users and self.run_inside else ()
        return git.configured(*self.filters.on, *users)

    def _shown(self, users: Path) -> Path:
        """The user's attributes where the sandbox shows them."""
        copy = self.folder / "attributes"
        copy.write_bytes(users.read_bytes())
        return copy


def _put(tree: BaseTree, name: str, place: Path) -> None:
    """Writes every file of that name as it is committed, for a git that reads it from disk."""
    for path, data in tree.read(named(tree, name)).items():
        if tree.entries[path].mode != _LINK:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)


def _listing(paths: Iterable[str]) -> bytes:
    return b"".join(as_bytes(path) + b"\0" for path in paths)


def _reading(file: Path, words: Sequence[str]) -> tuple[str, ...]:
    return ("sh", "-c", 'from="$1"; shift; exec "$@" < "$from"', "reading", str(file), *words)


def _copy(root: Path, place: Path, path: str) -> None:
    """A file as it lies in the work tree, reached without following a link."""
    target = place / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened_root(root) as root_fd, opened_parent(root_fd, path) as (parent_fd, leaf), target.open("wb") as new:
        try:
            source = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent_fd)
        except PermissionError as error:
            raise AttemptFailed(FailureKind.DERIVE_FAILED, f"A derive step left {path}, which cannot be read.") from error
        try:
            copy_bytes(source, new.fileno())
        finally:
            os.close(source)


def _fill(file: Path, kept: Path) -> None:
    with kept.open("rb") as old, file.open("wb") as new:
        copy_bytes(old.fileno(), new.fileno())


def _quoted(path: str) -> bytes:
    raw = as_bytes(path)
    if not (b"\n" in raw or b"\r" in raw or raw.startswith(b'"')):
        return raw
    return b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'
