import pytest

from autopack.worktree.landed import landed_on
from autopack.worktree.repository import Repository
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def land(toy, phase, run="r"):
    toy.commit({f"{phase}.txt": toy.git("rev-parse", "HEAD")})
    toy.git("commit", "-q", "--amend", "-m", f"{phase}\n\nWhy.\n\nAutopack-Run: {run}\nAutopack-Phase: {phase}\nAutopack-Attempt: 1")
    return toy.git("rev-parse", "HEAD").strip()


def found(toy, base, since):
    return landed_on(Repository.discover(toy.root, toy.environment), base, "r", since)


def test_the_newest_commit_of_each_phase_of_the_run_counts(toy):
    start = toy.git("rev-parse", "HEAD").strip()
    land(toy, "one")
    two, again = land(toy, "two"), land(toy, "one")
    land(toy, "three", run="other")
    assert found(toy, "HEAD", start) == {"one": again, "two": two}
    assert found(toy, two, start)["two"] == two
    assert found(toy, start, start) == {}
    assert found(toy, "HEAD", "0" * 40) == {}


def test_what_was_reverted_does_not_count_until_it_is_brought_back(toy):
    start = toy.git("rev-parse", "HEAD").strip()
    one, two = land(toy, "one"), land(toy, "two")
    toy.git("revert", "--no-edit", one)
    assert found(toy, "HEAD", start) == {"two": two}
    toy.git("revert", "--no-edit", "HEAD")
    assert found(toy, "HEAD", start) == {"one": one, "two": two}


def test_a_reverted_merge_takes_everything_with_it_that_it_brought(toy):
    start = toy.git("rev-parse", "HEAD").strip()
    toy.git("checkout", "-q", "-b", "side")
    land(toy, "one")
    land(toy, "two")
    toy.git("checkout", "-q", "-")
    toy.git("merge", "-q", "--no-ff", "--no-edit", "side")
    assert set(found(toy, "HEAD", start)) == {"one", "two"}
    toy.git("revert", "--no-edit", "-m", "1", "HEAD")
    assert found(toy, "HEAD", start) == {}


def test_a_squashed_branch_is_one_commit_that_holds_all_its_phases(toy):
    start = toy.git("rev-parse", "HEAD").strip()
    toy.git("checkout", "-q", "-b", "side")
    land(toy, "one")
    land(toy, "two")
    toy.git("checkout", "-q", "-")
    toy.git("merge", "-q", "--squash", "side")
    toy.git("commit", "-q", "--no-edit")
    head = toy.git("rev-parse", "HEAD").strip()
    assert found(toy, "HEAD", start) == {"one": head, "two": head}
