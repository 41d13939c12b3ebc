import pytest

from autopack.worktree.landed import landed_on
from autopack.worktree.repository import Repository
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def land(toy, phase, run="r", asked=""):
    toy.commit({f"{phase}.txt": toy.git("rev-parse", "HEAD")})
    trailers = [f"Autopack-Run: {run}", f"Autopack-Phase: {phase}", "Autopack-Attempt: 1", *([f"Autopack-Asked: {asked}"] if asked else [])]
    toy.git("commit", "-q", "--amend", "-m", "\n".join([phase, "", "Why.", "", *trailers, "Autopack-Model: m"]))
    return toy.git("rev-parse", "HEAD").strip()


def all_on(toy, base="HEAD"):
    return landed_on(Repository.discover(toy.root, toy.environment), base)


def found(toy):
    """Phase -> its newest commit."""
    return {landed.phase: landed.commit for landed in reversed(all_on(toy))}


def test_every_commit_of_a_phase_is_told_newest_first_with_what_was_asked_for_where_it_says_so(toy):
    start = toy.git("rev-parse", "HEAD").strip()
    one = land(toy, "one")
    two, again = land(toy, "two", asked="0123456789abcdef"), land(toy, "one", run="other", asked="f" * 16)
    toy.commit({"a.txt": "a"}, "by hand")
    assert all_on(toy) == (("other", "one", "f" * 16, again), ("r", "two", "0123456789abcdef", two), ("r", "one", None, one))
    assert [landed.commit for landed in all_on(toy, two)] == [two, one]
    assert all_on(toy, start) == ()
    assert all_on(toy, "0" * 40) == ()


def test_only_the_newest_commits_are_looked_at(toy, monkeypatch):
    land(toy, "one")
    land(toy, "two")
    monkeypatch.setattr("autopack.worktree.landed.COMMITS_LOOKED_AT", 1)
    assert set(found(toy)) == {"two"}


def test_what_was_reverted_does_not_count_until_it_is_brought_back(toy):
    one, two = land(toy, "one"), land(toy, "two")
    toy.git("revert", "--no-edit", one)
    assert found(toy) == {"two": two}
    toy.git("revert", "--no-edit", "HEAD")
    assert found(toy) == {"one": one, "two": two}


def test_a_reverted_merge_takes_everything_with_it_that_it_brought(toy):
    toy.git("checkout", "-q", "-b", "side")
    land(toy, "one")
    land(toy, "two")
    toy.git("checkout", "-q", "-")
    toy.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert set(found(toy)) == {"one", "two"}
    toy.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert found(toy) == {}


def test_a_squashed_branch_is_one_commit_that_holds_all_its_phases(toy):
    toy.git("checkout", "-q", "-b", "side")
    land(toy, "one")
    land(toy, "two", asked="0123456789abcdef")
    toy.git("checkout", "-q", "-")
    toy.git("merge", "-q", "--squash", "side")
    toy.git("commit", "-q", "--no-edit")
    head = toy.git("rev-parse", "HEAD").strip()
    assert found(toy) == {"one": head, "two": head}
    assert {landed.phase: landed.asked for landed in all_on(toy)} == {"one": None, "two": "0123456789abcdef"}
