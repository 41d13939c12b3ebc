"""Reads a commit's files as they are committed, whatever attributes and filters do to a checkout. Edits start from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from autopack.core.text import Decoded, decode
from autopack.worktree.blobs import KeptBlobs, blob_id, read_blobs
from autopack.worktree.commit_stream import Gone, KnownBlob, Made, NewBytes, TreeChange
from autopack.worktree.git import Git, GitError, as_bytes, as_text
from autopack.worktree.tree_entries import Entries, Entry


@dataclass(frozen=True)
class BaseTree:
    """``kept`` may be shared by trees of one repository."""

    git: Git
    commit: str
    kept: KeptBlobs = field(default_factory=KeptBlobs, compare=False)

    def changed(self, made: Made, changes: Iterable[TreeChange]) -> Self:
        """The tree of a commit that makes these changes to this one, without asking git again for what is known."""
        after = type(self)(self.git, made.commit, self.kept)
        vars(after)["tree"] = made.tree
        entries = self._entries_after(tuple(changes))
        if entries is not None:
            vars(after)["entries"] = entries
        return after

    @cached_property
    def tree(self) -> str:
        return self.git.line("rev-parse", f"{self.commit}^{{tree}}")

    @cached_property
    def entries(self) -> Entries:
        """Every file, link and submodule by its path. Raises GitError where one of the files is gone."""
        listing = as_text(self.git.run("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit))
        try:
            return Entries.listed(listing)
        except KeyError as error:
            path, oid = error.args
            raise GitError(("ls-tree",), 0, f"{path} of {self.commit} is not in the repository: {oid}") from error

    @cached_property
    def modes(self) -> Mapping[str, str]:
        return {path: entry.mode for path, entry in self.entries.items()}

    @property
    def submodules(self) -> tuple[str, ...]:
        return tuple(path for path, entry in self.entries.items() if entry.type == "commit")

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of the files among ``paths``; a link's are its target. What is not in the tree is left out."""
        wanted = {path: entry.oid for path in paths if (entry := self.entries.get(path)) is not None and entry.type == "blob"}
        blobs = self.blobs(wanted.values())
        return {path: blobs[oid] for path, oid in wanted.items()}

    def blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Blobs by their ids, also such as are in no tree yet. Raises GitError for one that is not in the repository."""
        wanted = dict.fromkeys(oids)
        blobs = {oid: data for oid in wanted if (data := self.kept.get(oid)) is not None}
        missing = [oid for oid in wanted if oid not in blobs]
        if missing:
            found = read_blobs(self.git, missing)
            self.kept.keep(found)
            blobs |= found
        return blobs

    def texts(self, paths: Iterable[str]) -> dict[str, Decoded]:
        """The texts of the files among ``paths``; binary ones and what is not in the tree are left out."""
        return {path: decoded for path, data in self.read(paths).items() if (decoded := decode(data)) is not None}

    def _entries_after(self, changes: tuple[TreeChange, ...]) -> Entries | None:
        """None for a blob that a tool stored: only git knows its size."""
        rows = self.entries.rows()
        for change in sorted(changes, key=lambda change: not isinstance(change, Gone)):
            match change:
                case Gone(path=path):
                    rows.pop(path, None)
                case NewBytes(path=path, mode=mode, data=data):
                    oid = blob_id(data, self.commit)
                    rows[path] = Entry(mode, "blob", oid, len(data))
                    self.kept.keep({oid: data})
                case KnownBlob():
                    return None
        return Entries(dict(sorted(rows.items(), key=lambda item: as_bytes(item[0]))))


@dataclass(frozen=True)
class Trees:
    """Keeps the trees of a repository that were used last."""

    git: Git
    most: int = 4
    blobs: KeptBlobs = field(default_factory=KeptBlobs, compare=False)
    found: dict[str, BaseTree] = field(default_factory=dict, compare=False)

    def at(self, commit: str) -> BaseTree:
        if commit not in self.found:
            self.keep(BaseTree(self.git, commit, self.blobs))
        return self.found[commit]

    def keep(self, tree: BaseTree) -> None:
        self.found.pop(tree.commit, None)
        if len(self.found) >= self.most:
            self.found.pop(next(iter(self.found)))
        self.found[tree.commit] = tree
