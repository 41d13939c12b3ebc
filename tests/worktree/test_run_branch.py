import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.edits.model import AcceptedEdits
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.message import CommitText
from autopack.worktree.repository import Identity, Repository
from autopack.worktree.run_branch import BranchCheckedOut, HeadMoved, RunBranch
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


@pytest.fixture
def branch(toy):
    return RunBranch.of(Repository.discover(toy.root, toy.environment), "r1", "autopack/r1")


def candidate(branch, parent, phase="p", attempt=1, text="a = 2\n"):
    trailers = (("Autopack-Run", branch.run), ("Autopack-Phase", phase), ("Autopack-Attempt", str(attempt)))
    stamp = Stamp(CommitText(phase, "", trailers), Identity("A", "a@b"), 1e9, f"refs/autopack/r1/{phase}/{attempt}")
    return make_candidate(
        branch.repository, BaseTree(branch.repository.git, parent), Content(AcceptedEdits({"a.py": text}, {}), {}), stamp
    ).candidate


def test_branch_is_made_once_and_then_left_where_it_is(branch, toy):
    base = toy.git("rev-parse", "HEAD")
    assert branch.head() is None
    assert branch.ensure(base) == (base, True)
    later = toy.commit({"c.py": "c\n"})
    assert branch.ensure(later) == (base, False)
    assert branch.head() == base


def test_a_branch_whose_commit_is_gone_too_is_said(branch):
    with pytest.raises(EnvironmentBlockedError, match="is gone, and so is its last commit 1234567890"):
        branch.ensure("1234567890" * 4)


def test_dead_owners_locks_are_gone_after_the_start(branch, toy):
    for name in ("refs/heads/autopack/r1.lock", "refs/autopack/r1/p/1.lock", "refs/heads/main.lock"):
        file = toy.root / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    branch.ensure(toy.git("rev-parse", "HEAD"))
    left = [str(path.relative_to(toy.root / ".git")) for path in (toy.root / ".git").rglob("*.lock")]
    assert sorted(left) == ["refs/heads/main.lock"]


def test_candidate_lands_once_and_landing_it_again_is_fine(branch, toy):
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    made = candidate(branch, base)
    committed = branch.integrate(made, base)
    assert committed.commit == branch.head() == made.commit
    assert committed.branch == "autopack/r1"
    assert branch.integrate(made, base) == committed
    following = branch.integrate(candidate(branch, made.commit, "q", text="a = 3\n"), made.commit)
    assert branch.integrate(made, base) == committed
    assert branch.head() == following.commit
    assert toy.git("reflog", "-1", "--format=%gs", "autopack/r1") == "autopack: land refs/autopack/r1/q/1"


def test_moved_head_is_never_overwritten(branch, toy):
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    made = candidate(branch, base)
    person = toy.commit({"c.py": "c\n"})
    toy.git("update-ref", "refs/heads/autopack/r1", person)
    with pytest.raises(HeadMoved) as caught:
        branch.integrate(made, base)
    assert caught.value.actual == person == branch.head()
    with pytest.raises(HeadMoved):
        branch.integrate(made, person)
    assert branch.head() == person
    toy.git("update-ref", "-d", "refs/heads/autopack/r1")
    with pytest.raises(HeadMoved) as caught:
        branch.integrate(made, base)
    assert caught.value.actual is None


def test_branch_that_a_person_stands_on_is_not_moved(branch, toy):
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    made = candidate(branch, base)
    toy.git("checkout", "-q", "autopack/r1")
    with pytest.raises(BranchCheckedOut, match="Switch to another branch") as caught:
        branch.integrate(made, base)
    assert caught.value.where == toy.root
    assert branch.head() == base
    toy.git("checkout", "-q", "main")
    branch.integrate(made, base)
    toy.git("checkout", "-q", "autopack/r1")
    assert branch.integrate(made, base).commit == made.commit


def test_landed_attempt_is_found_below_a_persons_commits(branch, toy):
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    made = candidate(branch, base)
    assert branch.landed("p", 1, base) is None
    branch.integrate(made, base)
    toy.git("checkout", "-q", "autopack/r1")
    person = toy.commit({"c.py": "c\n"}, "by hand\n\nAutopack-Phase: p\nAutopack-Attempt: 2\nAutopack-Run: other")
    assert branch.landed("p", 1, base) == made.commit
    assert branch.landed("p", 2, base) is None
    assert branch.landed("p", 1, made.commit) is None
    assert branch.foreign_commits(base) == (person,)
    assert branch.contains(made.commit)
    assert not branch.contains("1" * 40)


def test_user_without_a_name_can_have_a_branch(branch, toy, tmp_path):
    (tmp_path / "home/.gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    branch.integrate(candidate(branch, base), base)
    assert "Autopack" in toy.git("reflog", "-1", "--format=%gn", "autopack/r1")


def test_moving_back_keeps_what_was_there(branch, toy):
    base = branch.ensure(toy.git("rev-parse", "HEAD")).head
    made = candidate(branch, base)
    branch.integrate(made, base)
    branch.move_back(base, made.commit, "refs/autopack/r1/_former/1")
    assert branch.head() == base
    assert toy.git("rev-parse", "refs/autopack/r1/_former/1") == made.commit
    branch.move_back(base, made.commit, "refs/autopack/r1/_former/2")
    with pytest.raises(HeadMoved):
        branch.move_back(made.commit, base, "refs/autopack/r1/_former/3")


def test_branch_named_autopack_blocks_with_a_sentence(branch, toy):
    toy.git("branch", "autopack")
    with pytest.raises(EnvironmentBlockedError, match="refs/heads/autopack exists"):
        branch.ensure(toy.git("rev-parse", "HEAD"))
