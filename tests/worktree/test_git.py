import os
from dataclasses import replace
from pathlib import Path

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.git import Git, GitError, Patience
from tests.support.git_repository import toy_repository


@pytest.fixture
def toy(tmp_path):
    return toy_repository(tmp_path)


def test_output_is_bytes_and_lines_lose_only_their_newline(toy):
    git = Git(toy.root, toy.environment)
    assert git.run("cat-file", "blob", "HEAD:a.py") == b"a = 1\n"
    assert git.line("rev-parse", "--show-prefix") == ""


def test_refusal_carries_the_arguments_the_code_and_gits_words(toy):
    with pytest.raises(GitError) as caught:
        Git(toy.root, toy.environment).run("cat-file", "blob", "HEAD:none")
    assert caught.value.arguments[0] == "cat-file"
    assert caught.value.exit_code == 128
    assert "none" in caught.value.stderr


def test_directory_that_is_gone_never_means_the_current_one(toy, monkeypatch):
    monkeypatch.chdir(toy.root)
    with pytest.raises(GitError, match="cannot change to"):
        Git(toy.root / "gone", toy.environment).run("status")


def test_variables_of_a_surrounding_git_hook_do_not_lead_elsewhere(toy, tmp_path, monkeypatch):
    hook = {
        "GIT_DIR": str(tmp_path / "other"),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_CONFIG_COUNT": "x",
        "GIT_QUARANTINE_PATH": "q",
    }
    for name, value in hook.items():
        monkeypatch.setenv(name, value)
    git = Git(toy.root, {**toy.environment, **hook})
    assert git.line("status", "--porcelain") == ""
    git.run("update-ref", "refs/autopack/x", "HEAD")
    assert not (tmp_path / "index").exists()


def test_hooks_and_prompts_and_the_terminals_stdin_are_out_of_reach(toy):
    hook = toy.root / ".git/hooks/reference-transaction"
    hook.write_text("#!/bin/sh\ntouch hooked\nexit 1\n")
    hook.chmod(0o755)
    git = Git(toy.root, toy.environment)
    git.run("update-ref", "refs/autopack/x", "HEAD")
    assert not (toy.root / "hooked").exists()
    assert git.run("hash-object", "--stdin") == b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n"


def test_git_that_hangs_is_ended_with_a_sentence(toy):
    git = Git(toy.root, toy.environment).configured("alias.nap=!sleep 20")
    with pytest.raises(EnvironmentBlockedError, match=r"no answer within 0\.3 s"):
        git.run("nap", timeout_s=0.3)


def test_git_that_was_killed_is_never_taken_for_one_that_said_no(toy):
    git = Git(toy.root, toy.environment).configured("alias.die=!kill -9 $PPID")
    with pytest.raises(EnvironmentBlockedError, match="ended from outside by SIGKILL"):
        git.attempt("die")


def test_a_killed_git_below_git_is_told_like_one_that_was_killed_itself(toy):
    git = Git(toy.root, toy.environment).configured("alias.die=!echo 'error: update-ref died of signal 9' >&2; exit 137")
    with pytest.raises(EnvironmentBlockedError, match="ended from outside by SIGKILL"):
        git.run("die")


@pytest.mark.parametrize("said", ["couldn't set 'refs/heads/x'", "cannot lock ref 'refs/x': unable to create directory for .git/refs/x"])
def test_a_disk_that_fails_without_the_systems_own_words_is_the_machines(toy, said):
    git = Git(toy.root, toy.environment).configured(f'alias.fail=!echo "fatal: {said}" >&2; exit 128')
    with pytest.raises(EnvironmentBlockedError, match="could not write"):
        git.run("fail")


def test_missing_git_says_what_to_install(toy, tmp_path):
    git = Git(toy.root, {**toy.environment, "PATH": str(tmp_path)})
    code = f"""
import os
os.environ["PATH"] = {str(tmp_path)!r}
from pathlib import Path
from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.git import Git
try:
    Git(Path({str(toy.root)!r}), dict(os.environ)).run("version")
except EnvironmentBlockedError as error:
    print(error)
"""
    assert git  # the object itself needs no git
    for quiet in ({}, {"GIT_PYTHON_REFRESH": "quiet"}):
        assert "git is not on PATH" in _python(code, quiet)


def test_a_lock_of_somebody_else_is_waited_for_then_named(toy):
    lock = toy.root / ".git/refs/heads/main.lock"
    lock.touch()
    slept = []
    git = replace(Git(toy.root, toy.environment), patience=Patience(sleep=slept.append, wait_s=2))
    with pytest.raises(EnvironmentBlockedError, match=r"main\.lock"):
        git.run("update-ref", "refs/heads/main", "HEAD", "HEAD")
    assert 2 <= sum(slept) < 4
    assert lock.exists()


def test_a_lock_that_goes_in_time_is_no_trouble(toy):
    lock = toy.root / ".git/refs/heads/other.lock"
    lock.touch()
    git = replace(Git(toy.root, toy.environment), patience=Patience(sleep=lambda _: lock.unlink(missing_ok=True)))
    git.run("update-ref", "refs/heads/other", "HEAD")
    assert toy.git("rev-parse", "other") == toy.git("rev-parse", "HEAD")


def test_a_stale_lock_of_our_own_is_removed(toy):
    lock = toy.root / ".git/refs/autopack/r/p/1.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    git = replace(Git(toy.root, toy.environment), patience=Patience(is_own=lambda path: path.name == "1.lock", sleep=lambda _: None))
    git.run("update-ref", "refs/autopack/r/p/1", "HEAD")
    assert not lock.exists()


def test_full_disk_is_the_environments_fault(toy):
    toy.root.joinpath(".git/refs/heads").chmod(0o555)
    try:
        if os.access(toy.root / ".git/refs/heads", os.W_OK):
            pytest.skip("root writes anywhere")
        with pytest.raises(EnvironmentBlockedError, match="Make room"):
            Git(toy.root, toy.environment).run("update-ref", "refs/heads/new", "HEAD")
    finally:
        toy.root.joinpath(".git/refs/heads").chmod(0o755)


def test_really_full_disk_is_told_as_one(toy):
    git = Git(toy.root, toy.environment).configured("alias.full=!cat /dev/zero > /dev/full")
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(EnvironmentBlockedError, match="No space left on device"):
        git.run("full")


def _python(code, extra):
    import subprocess
    import sys

    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**kept, **extra}, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    return done.stdout
