"""Computes differences between two commits, the same on every machine, whatever configuration and attributes say."""

from dataclasses import dataclass

from autopack.worktree.git import Git, split_z
from autopack.worktree.git_process import Sink
from autopack.worktree.repository import Repository

_FIXED = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--full-index",
    "--ignore-submodules=none",
    "--submodule=short",
    "--diff-algorithm=histogram",
    "--indent-heuristic",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-M50%",
    "-l1000",
)
_CONFIG = ("diff.suppressBlankEmpty=false", "diff.orderFile=/dev/null", "core.attributesFile=/dev/null")


@dataclass(frozen=True)
class FileChange:
    """Lines added and deleted in one file; both None where it is binary. ``old_path`` differs where it was renamed."""

    path: str
    old_path: str
    added: int | None
    deleted: int | None


def diff(repository: Repository, old: str, new: str, *, context: int = 3, max_bytes: int = 1_000_000) -> str:
    """The unified diff, cut at a line end with a sentence that says so where it is longer than ``max_bytes``."""
    kept = Bounded(max_bytes)
    neutral(repository).stream("diff-tree", "-r", "-p", f"-U{context}", *_FIXED, old, new, into=kept, extra=no_index(repository))
    text = bytes(kept.data).decode("utf-8", "replace")
    if kept.size <= max_bytes:
        return text
    whole_lines = text[: text.rfind("\n") + 1]
    return f"{whole_lines}[The diff is cut here: {len(kept.data)} of its {kept.size} bytes are shown.]\n"


def write_patch(repository: Repository, old: str, new: str, into: Sink) -> None:
    """Every byte of the difference, binary files included, as ``git apply`` takes it."""
    neutral(repository).stream("diff-tree", "-r", "-p", "--binary", *_FIXED, old, new, into=into, extra=no_index(repository))


def numstat(repository: Repository, old: str, new: str) -> tuple[FileChange, ...]:
    """What changed, file by file, in the order of the new paths."""
    parts = iter(split_z(neutral(repository).run("diff-tree", "-r", "-z", "--numstat", *_FIXED, old, new, extra=no_index(repository))))
    found = []
    for part in parts:
        added, deleted, path = part.split("\t")
        old_path = path or next(parts)
        found.append(FileChange(path or next(parts), old_path, _count(added), _count(deleted)))
    return tuple(sorted(found, key=lambda change: change.path))


def neutral(repository: Repository) -> Git:
    """A git without a checkout in sight, so that no ``.gitattributes`` there can hide a change."""
    git = repository.git
    empty = repository.common_dir / "autopack"
    empty.mkdir(exist_ok=True)
    return Git(empty, git.environment, repository.git_dir, empty, (*git.config, *_CONFIG))


def no_index(repository: Repository) -> dict[str, str]:
    """Names an index that does not exist: without a checkout git would read attributes from the index."""
    return {"GIT_INDEX_FILE": str(repository.common_dir / "autopack" / "no-index")}


def _count(word: str) -> int | None:
    return None if word == "-" else int(word)


class Bounded:
    """Keeps the first bytes and counts the rest."""

    def __init__(self, max_bytes: int) -> None:
        self.data = bytearray()
        self.size = 0
        self._max_bytes = max_bytes

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        self.data += data[: max(0, self._max_bytes - len(self.data))]
        return len(data)
