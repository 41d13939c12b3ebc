"""Commits that a gc takes away while they are made."""

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.commit_stream import CommitHead, Made, NewBytes, make_commit
from autopack.worktree.git import GitError
from autopack.worktree.repository import Repository
from autopack.worktree.whole import is_whole, made_whole, may_be_pruned
from tests.support.git_repository import toy_repository

REF = "refs/autopack/r/p/1"
SIGNATURE = b"A <a@b> 0 +0000"


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def repository(toy):
    return Repository.discover(toy.root, toy.environment)


def import_one(repository, head):
    return make_commit(repository.git, REF, CommitHead(head, SIGNATURE, SIGNATURE, b"m"), [NewBytes("new.txt", "100644", b"new\n")])


def loose(toy, oid):
    return toy.root / ".git/objects" / oid[:2] / oid[2:]


def test_what_is_taken_once_is_made_again(toy, repository):
    head = toy.git("rev-parse", "HEAD")
    tries: list[Made] = []

    def make():
        tries.append(import_one(repository, head))
        if len(tries) == 1:
            loose(toy, tries[0].tree).unlink()
        return tries[-1]

    made = made_whole(repository.git, head, make, lambda one: one.commit)
    assert tries == [made, made]
    assert is_whole(repository.git, made.commit, head)


def test_what_lacks_a_file_is_not_whole(toy, repository):
    head = toy.git("rev-parse", "HEAD")
    made = import_one(repository, head)
    loose(toy, toy.git("rev-parse", f"{made.commit}:new.txt")).unlink()
    assert not is_whole(repository.git, made.commit, head)


def test_a_refusal_that_no_gc_explains_is_raised_at_once(toy, repository):
    tries = []

    def make():
        tries.append(1)
        raise GitError(("x",), 1, "no such thing as this")

    with pytest.raises(GitError):
        made_whole(repository.git, toy.git("rev-parse", "HEAD"), make, str)
    assert tries == [1]


def test_a_blocked_write_may_be_a_gcs_only_where_a_file_was_gone():
    full, gone = EnvironmentBlockedError("full"), EnvironmentBlockedError("gone")
    full.__cause__ = GitError(("x",), 128, "No space left on device")
    gone.__cause__ = GitError(("x",), 128, "unable to write file: No such file or directory")
    assert not may_be_pruned(full)
    assert may_be_pruned(gone)


def test_the_mark_of_a_pack_that_never_came_is_removed(toy, repository):
    packs = toy.root / ".git/objects/pack"
    packs.mkdir(exist_ok=True)
    left, users = packs / "pack-1.keep", packs / "pack-2.keep"
    left.write_text("fast-import\n")
    users.write_text("mine\n")
    with pytest.raises(GitError):
        import_one(repository, "1" * 40)
    assert (left.exists(), users.exists()) == (False, True)
