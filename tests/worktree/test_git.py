import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.git import Git, GitError, Patience
from tests.support.git_repository import toy_repository
from tests.support.git_variables import nasty_git_variables


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


@pytest.mark.parametrize("name", [*nasty_git_variables(Path("/nowhere")), "all of them"])
def test_what_the_users_shell_says_to_git_leads_nowhere_else(toy, tmp_path, monkeypatch, name):
    said = nasty_git_variables(tmp_path / "nasty")
    said = said if name == "all of them" else {name: said[name]}
    for variable, value in said.items():
        monkeypatch.setenv(variable, value)
    git = Git(toy.root, {**toy.environment, **said})
    before = (toy.root / ".git/index").read_bytes()
    os.utime(toy.root / "a.py", (1, 1))  # an index that git would write anew if it might
    assert git.run("status", "--porcelain") == b""
    assert (toy.root / ".git/index").read_bytes() == before
    git.run("read-tree", "HEAD", extra={"GIT_INDEX_FILE": str(tmp_path / "own")})
    assert (tmp_path / "own").exists()
    assert git.line("diff-tree", "-p", "--no-ext-diff", "HEAD", "HEAD") == ""
    git.run("update-ref", "refs/autopack/x", "HEAD")
    assert git.line("rev-parse", "refs/autopack/x") == toy.git("rev-parse", "HEAD")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("nasty")) == []


@pytest.mark.parametrize(
    "name",
    ["GIT_LFS_SKIP_SMUDGE", "GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL", "GIT_ATTR_NOSYSTEM", "GIT_SSL_CAINFO", "GIT_SSH_COMMAND"],
)
def test_what_the_user_forbids_git_or_opens_to_it_is_followed(toy, monkeypatch, name):
    monkeypatch.setenv(name, "0")
    assert Git(toy.root, {**toy.environment, name: "0"}).configured(f"alias.say=!echo ${name}").line("say") == "0"


def test_what_autopack_sets_wins_over_what_the_user_set(toy, monkeypatch):
    git = Git(toy.root, {**toy.environment, "GIT_OPTIONAL_LOCKS": "1"}).configured(
        "alias.say=!echo $GIT_OPTIONAL_LOCKS $GIT_TERMINAL_PROMPT"
    )
    monkeypatch.setenv("GIT_OPTIONAL_LOCKS", "1")
    assert git.line("say") == "0 0"
    assert git.line("say", extra={"GIT_TERMINAL_PROMPT": "7"}) == "0 7"


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


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # git may come to its end
def test_no_thread_waits_on_for_a_caller_who_was_interrupted(toy):
    git = Git(toy.root, toy.environment).configured("alias.nap=!sleep 3")

    def interrupted(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupted)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            git.run("nap")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert threading.enumerate() == [threading.main_thread()]


def test_a_stream_that_hangs_is_ended_too(toy, tmp_path):
    git = Git(toy.root, toy.environment).configured("alias.nap=!echo begun; sleep 20")
    with (tmp_path / "out").open("wb") as into, pytest.raises(EnvironmentBlockedError, match="no answer within"):
        git.stream("nap", into=into, timeout_s=0.5)
    assert (tmp_path / "out").read_bytes() == b"begun\n"


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
