import shutil
from pathlib import Path

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.registration import Registration, judge_place, register, remove_tree, unregister
from autopack.worktree.repository import Repository
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def test_name_holds_run_and_slot_and_the_users_git_lists_the_place(toy, tmp_path):
    repository = Repository.discover(toy.root, toy.environment)
    known = register(repository, tmp_path / "state/r1/s1", toy.git("rev-parse", "HEAD"))
    assert known.name == "autopack+r1+s1"
    assert known.is_sound()
    assert f"worktree {tmp_path}/state/r1/s1" in toy.git("worktree", "list", "--porcelain").split("\n")
    unregister(repository, known.place)
    assert not known.is_sound()
    assert toy.git("worktree", "list", "--porcelain").count("worktree ") == 1


def test_pointer_is_put_back_whatever_took_its_place(toy, tmp_path):
    known = register(Repository.discover(toy.root, toy.environment), tmp_path / "state/r1/s1", toy.git("rev-parse", "HEAD"))
    right = known.pointer.read_text()
    known.pointer.unlink()
    (known.pointer / "objects").mkdir(parents=True)
    known.restore_pointer()
    assert known.pointer.read_text() == right
    known.pointer.unlink()
    known.pointer.symlink_to(toy.root / ".git")
    known.restore_pointer()
    assert known.pointer.read_text() == right
    assert (toy.root / ".git/HEAD").exists()


def test_same_names_in_other_runs_do_not_meet(tmp_path):
    one, other = Registration(tmp_path, tmp_path / "a-b/c"), Registration(tmp_path, tmp_path / "a/b-c")
    assert one.name != other.name


def test_place_in_a_repository_or_in_a_bare_one_is_refused(toy, tmp_path):
    toy.git("init", "-q", "--bare", str(tmp_path / "bare"))
    for place in (toy.root / "x/r/s", tmp_path / "bare/x/r/s"):
        with pytest.raises(EnvironmentBlockedError, match="outside every repository"):
            judge_place(place)
    (tmp_path / "alias").symlink_to(toy.root)
    with pytest.raises(EnvironmentBlockedError):
        judge_place(tmp_path / "alias/r/s")
    judge_place(tmp_path / "fine/r/s")


def test_place_that_cannot_be_made_is_said(toy, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentBlockedError, match=r"cannot be made.*workspace\.dir"):
        register(Repository.discover(toy.root, toy.environment), tmp_path / "file/r1/s1", toy.git("rev-parse", "HEAD"))


def test_a_prune_of_the_users_that_comes_between_is_no_trouble_of_the_disk(toy, tmp_path):
    known = Registration(toy.root / ".git", tmp_path / "state/r1/s1")
    pruned = git_that_fails_once(tmp_path, f"fatal: could not open '{known.admin}/locked' for writing: No such file or directory")
    repository = Repository.discover(toy.root, {**toy.environment, "PATH": f"{pruned}:{toy.environment['PATH']}"})
    assert register(repository, known.place, toy.git("rev-parse", "HEAD")).is_sound()
    assert (pruned / "failed").exists()


def test_a_disk_that_takes_no_mark_is_said_at_once(toy, tmp_path):
    full = git_that_fails_once(tmp_path, "fatal: could not open '/r/.git/worktrees/x/locked' for writing: No space left on device")
    repository = Repository.discover(toy.root, {**toy.environment, "PATH": f"{full}:{toy.environment['PATH']}"})
    with pytest.raises(EnvironmentBlockedError, match="No space left"):
        register(repository, tmp_path / "state/r1/s1", toy.git("rev-parse", "HEAD"))


def git_that_fails_once(folder: Path, words: str) -> Path:
    """A folder with a git whose first `worktree add` fails with these words."""
    place = folder / "bin"
    place.mkdir()
    program = place / "git"
    program.write_text(f"""#!/bin/sh
case " $* " in *" worktree add "*) [ -e "{place}/failed" ] || {{ touch "{place}/failed"; echo "{words}" >&2; exit 128; }} ;; esac
exec {shutil.which("git")} "$@"
""")
    program.chmod(0o755)
    return place


def test_read_only_trees_are_removed_and_links_are_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/x").write_text("x")
    deep = tmp_path / "tree/a/b"
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
    (deep / "link").symlink_to(tmp_path / "kept")
    for path in (deep, deep.parent):
        path.chmod(0o500)
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "link")
    remove_tree(tmp_path / "none")
    assert (tmp_path / "kept/x").exists()
