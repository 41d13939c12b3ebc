import os
import shutil

import pytest

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, UsageError
from autopack.worktree.repository import Repository
from tests.support.git_repository import impatient, toy_environment, toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def discover(toy, path=None, **environment):
    return Repository.discover(path or toy.root, {**toy.environment, **environment})


def test_found_from_a_directory_below(toy):
    repository = discover(toy, toy.root / "src")
    assert repository.top == toy.root
    assert repository.git_dir == repository.common_dir == toy.root / ".git"
    assert repository.head() == (toy.git("rev-parse", "HEAD"), "main")


def test_repository_id_is_short_stable_and_the_same_in_a_linked_work_tree(toy, tmp_path):
    toy.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked ü"))
    linked = discover(toy, tmp_path / "linked ü")
    assert linked.repo_id == discover(toy).repo_id
    assert len(linked.repo_id) == 12
    assert linked.top == tmp_path / "linked ü"
    assert linked.common_dir == toy.root / ".git"
    other = toy_repository(tmp_path / "home")
    assert discover(other).repo_id != linked.repo_id


def test_detached_head_is_fine(toy):
    toy.git("checkout", "-q", "--detach")
    assert discover(toy).head() == (toy.git("rev-parse", "HEAD"), None)


def test_places_that_cannot_be_worked_on_say_why_and_what_to_do(toy, tmp_path):
    empty, bare, unborn = tmp_path / "empty", tmp_path / "bare", tmp_path / "unborn"
    empty.mkdir()
    toy.git("init", "-q", "--bare", str(bare))
    toy.git("init", "-q", str(unborn))
    for place, words in [
        (tmp_path / "none", "not a directory"), (empty, "not in a git repository"), (bare, "bare repository"),
        (unborn, "no commit yet"), (toy.root / ".git", "cannot work in"),
    ]:  # fmt: skip
        with pytest.raises(EnvironmentBlockedError, match=words) as caught:
            discover(toy, place)
        assert caught.value.exit_code == 7
        assert str(place) in caught.value.message


def test_repository_of_another_user_is_explained(toy):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for place in (toy.root, toy.root / ".git"):
        os.chown(place, 12345, -1)
    with pytest.raises(EnvironmentBlockedError, match=r"safe\.directory"):
        discover(toy)


def test_git_that_is_too_old_is_named(toy, tmp_path):
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho git version 2.17.1\n")
    fake.chmod(0o755)
    with pytest.raises(EnvironmentBlockedError, match=r"git version 2\.17\.1 is too old.*2\.30"):
        discover(toy, PATH=f"{fake.parent}:{toy.environment['PATH']}")


def test_refs_resolve_to_commits_or_to_a_usage_error(toy):
    repository = discover(toy)
    toy.git("tag", "-a", "v1", "-m", "one")
    assert repository.resolve("v1") == repository.resolve("HEAD") == toy.git("rev-parse", "HEAD")
    for word in ("nowhere", "--all", "", "HEAD:a.py"):
        with pytest.raises(UsageError, match="names no commit"):
            repository.resolve(word)


def test_uncommitted_names_changes_and_new_files_and_leaves_the_index_alone(toy):
    toy.write({"a.py": "a = 2\n", "neu ü\n.txt": "x", "ignored.log": "x", ".gitignore": "*.log\n"})
    toy.git("mv", "src/b.py", "src/c.py")
    os.utime(toy.root / ".git/index", ns=(1, 1))
    before = (toy.root / ".git/index").read_bytes()
    toy.git("config", "status.showUntrackedFiles", "no")
    assert sorted(discover(toy).uncommitted()) == sorted((".gitignore", "a.py", "neu ü\n.txt", "src/b.py", "src/c.py"))
    assert (toy.root / ".git/index").read_bytes() == before
    assert (toy.root / ".git/index").stat().st_mtime_ns == 1


def test_identity_is_the_users_or_else_autopacks_own(toy, tmp_path):
    assert discover(toy).identity.name == "Ann Example"
    named = discover(toy, GIT_AUTHOR_NAME="Env", GIT_AUTHOR_EMAIL="env@example.org").identity
    assert (named.name, named.email, named.is_fallback) == ("Env", "env@example.org", False)
    nobody = toy_environment(tmp_path / "nobody")
    (tmp_path / "nobody/.gitconfig").unlink()
    assert Repository.discover(toy.root, nobody).identity.is_fallback


def test_branch_in_use_is_found_in_any_work_tree_also_while_it_is_rebased(toy, tmp_path):
    repository = discover(toy)
    assert repository.branch_checked_out_at("main") == toy.root
    toy.git("branch", "autopack/r1")
    assert repository.branch_checked_out_at("autopack/r1") is None
    place = tmp_path / "tree"
    toy.git("worktree", "add", "-q", str(place), "autopack/r1")
    assert repository.branch_checked_out_at("autopack/r1") == place
    toy.commit({"a.py": "a = 9\n"})
    (place / "a.py").write_text("a = 8\n")
    toy.git("commit", "-qam", "clash", cwd=place)
    with pytest.raises(AssertionError):
        toy.git("rebase", "-q", "main", cwd=place)
    assert repository.branch_checked_out_at("autopack/r1") == place
    shutil.rmtree(place)


def test_refs_in_the_way_of_the_branch_are_named(toy):
    repository = discover(toy)
    repository.judge_branch("autopack/r1")
    toy.git("branch", "autopack/r2")
    repository.judge_branch("autopack/r1")
    with pytest.raises(EnvironmentBlockedError, match="The branch autopack/r2 exists, and this run did not make it"):
        repository.judge_branch("autopack/r2")
    toy.git("branch", "autopack/r1/deeper")
    with pytest.raises(EnvironmentBlockedError, match="refs/heads/autopack/r1/deeper exists"):
        repository.judge_branch("autopack/r1")
    toy.git("branch", "-D", "-q", "autopack/r1/deeper", "autopack/r2")
    toy.git("branch", "autopack")
    with pytest.raises(EnvironmentBlockedError, match="git branch -m autopack NEW"):
        repository.judge_branch("autopack/r1")
    with pytest.raises(InvalidInputError, match=r"git\.branch"):
        repository.judge_branch("a..b")


def test_two_objects_guard_the_same_repository(toy, tmp_path):
    toy.git("worktree", "add", "-q", str(tmp_path / "linked"))
    with discover(toy).guarded() as git:
        assert git.held
        other = impatient(discover(toy, tmp_path / "linked"))
        with pytest.raises(EnvironmentBlockedError, match="autopack/guard"), other.guarded():
            pass
