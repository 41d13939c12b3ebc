"""Deleting what a run keeps: refs in files, packed ones, those beside a dead git's lock; and nothing of anybody else's."""

import os

import pytest

from autopack.worktree.own_refs import delete_refs
from autopack.worktree.repository import Repository
from tests.support.repos import git, make_repo


@pytest.fixture
def repo(tmp_path):
    made = make_repo(tmp_path / "Größe eins", {"a.txt": "a\n"})
    for name in ("autopack/r/one/1", "autopack/r/one/2", "autopack/r/before/x", "autopack/r2/one/1", "heads/autopack/r"):
        git(made, "update-ref", f"refs/{name}", "HEAD")
    return made


def left(repo):
    return git(repo, "for-each-ref", "--format=%(refname)", "refs/autopack", "refs/heads/autopack").split()


OTHERS = ["refs/autopack/r2/one/1", "refs/heads/autopack/r"]


@pytest.mark.parametrize("packs", ["none", "all", "some"])
def test_the_runs_refs_go_and_no_others(repo, packs):
    if packs != "none":
        git(repo, "pack-refs", "--all")
    if packs == "some":
        git(repo, "update-ref", "refs/autopack/r/two/1", "HEAD")
        git(repo, "commit", "-q", "--allow-empty", "-m", "later")
        git(repo, "update-ref", "refs/autopack/r/one/1", "HEAD")
    delete_refs(Repository.discover(repo, os.environ), "r", "autopack/r")
    assert left(repo) == OTHERS
    assert not (repo / ".git" / "refs" / "autopack" / "r").exists()
    assert not (repo / ".git" / "packed-refs.lock").exists()


def test_a_lock_that_a_dead_git_left_of_the_run_is_taken_away(repo):
    (repo / ".git/refs/autopack/r/one/1.lock").touch()
    delete_refs(Repository.discover(repo, os.environ), "r", "autopack/r")
    assert left(repo) == OTHERS


def test_a_second_time_nothing_is_left_to_do(repo):
    repository = Repository.discover(repo, os.environ)
    delete_refs(repository, "r", "autopack/r")
    delete_refs(repository, "r", "autopack/r")
    assert left(repo) == OTHERS
