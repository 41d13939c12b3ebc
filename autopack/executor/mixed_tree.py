"""Two commits' files in one tree: the tests of one over the sources of the other, as a commit that git keeps."""

from collections.abc import Iterable, Iterator
from typing import Final

from autopack.checks.check import Tree
from autopack.core.text import decode
from autopack.review.test_files import package_with_runner_of
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.commit_stream import CommitHead, Gone, KnownBlob, NewBytes, TreeChange, make_commit
from autopack.worktree.git import Git

_SIGNATURE: Final = b"Autopack <autopack@localhost> 0 +0000"


def mixed_tree(git: Git, sources: BaseTree, tests: BaseTree, paths: Iterable[str], ref: str) -> Tree:
    """``sources`` with the files ``paths`` as ``tests`` has them; ``ref`` keeps it. The same arguments give the same commit."""
    changes = [change for path in paths for change in _change(path, sources, tests)]
    if not changes:
        return Tree(sources.commit, sources.tree)
    head = CommitHead(sources.commit, _SIGNATURE, _SIGNATURE, b"Tests of one commit over the sources of another\n")
    made = make_commit(git, ref, head, changes)
    return Tree(made.commit, made.tree)


def _change(path: str, sources: BaseTree, tests: BaseTree) -> Iterator[TreeChange]:
    here, there = sources.entries.get(path), tests.entries.get(path)
    if here == there:
        return
    if there is None:
        yield Gone(path)
        return
    mixed = _package(path, sources, tests) if path.rpartition("/")[2] == "package.json" and here is not None else None
    yield KnownBlob(path, there.mode, there.oid) if mixed is None else NewBytes(path, there.mode, mixed.encode())


def _package(path: str, sources: BaseTree, tests: BaseTree) -> str | None:
    runner, rest = (decode(data) if (data := tree.read([path]).get(path)) is not None else None for tree in (tests, sources))
    return package_with_runner_of(runner.text, rest.text) if runner is not None and rest is not None else None
