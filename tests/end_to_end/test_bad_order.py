"""Starts with several things wrong at once, and shells that lack what others have: the first fault in the fixed order is told."""

import subprocess
import threading

import pytest

from tests.support.command import COMMAND, FILES, ONE, PATIENCE_S, Desk, Ended, held_until, oracle_of, phase_of, refusal
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

OVERTAKEN = """
import time
from pathlib import Path
from autopack.executor.start import start_run
load = start_run.run_inputs_of

def slowly(*given):
    Path("looked").touch()
    while not Path("go").exists():
        time.sleep(0.02)
    return load(*given)

start_run.run_inputs_of = slowly
from autopack.__main__ import main
main()
"""
"""The command, except that it waits between its look at the runs and the lock."""


def test_faults_are_told_in_the_order_of_the_contract(desk, tmp_path):
    """Usage 2, repository 7, plan 3, lock 8, providers 6: each mended one uncovers the next. No start but the first has a key."""
    plain = tmp_path / "plain"
    plain.mkdir()
    release = threading.Event()
    refusal(desk.autopack("run", "--run-id", "a/b", cwd=plain), 2)
    refusal(desk.autopack("run", "--run-id", "r", cwd=plain), 7)
    desk.plan()
    with (
        scripted_server(held_until(release, oracle_of(ONE))) as server,
        desk.beside(server).start("run", "--run-id", "r", "--json") as first,
    ):
        first.until(lambda: bool(server.calls))
        desk.plan(phase_of("one", complexity="huge"))
        refusal(desk.autopack("run", "--run-id", "r"), 3)
        desk.plan()
        refusal(desk.autopack("run", "--run-id", "r"), 8)
        assert "'nope' names no commit" in refusal(desk.autopack("run", "--new", "--base", "nope"), 2)
        assert "--model nonsense: no such model" in refusal(desk.autopack("run", "--new", "--model", "nonsense"), 2)
        crowded = desk.with_env(AUTOPACK_WORKSPACE__MIN_FREE_BYTES="1000000000000000")
        assert "free" in refusal(crowded.autopack("run", "--new"), 7)
        refusal(desk.autopack("run", "--new"), 6)
        release.set()
        assert first.end().exit_code == 0


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--new",), 2)], ids=["goes on", "is refused"])
def test_a_start_that_was_overtaken_sees_the_run_that_another_has_made(desk, words, code):
    """It had found no run of that id; before it held the lock, another start made the run and ended it."""
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", *words, program=OVERTAKEN) as late:
            late.until((desk.repo / "looked").exists)
            assert keyed.autopack("run", "--run-id", "r").exit_code == 0
            (desk.repo / "go").touch()
            ended = late.end()
        assert ended.exit_code == code, ended.stderr
        assert len(server.calls) == 2
    assert ("run 'r' exists already" if code else "run r: complete") in ended.stderr


def test_a_faulty_configuration_comes_before_missing_keys(desk):
    desk.plan()
    (desk.repo / ".autopack").mkdir()
    (desk.repo / ".autopack" / "settings.yaml").write_text("git: {brunch: x}\n")
    sentence = refusal(desk.autopack("run"), 3)
    assert ".autopack/settings.yaml:1" in sentence
    assert "brunch" in sentence
    assert "branch" in sentence


def test_a_complete_run_needs_no_key_and_buys_nothing(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        assert desk.beside(server).autopack("run", "--run-id", "r").exit_code == 0
        again = desk.autopack("resume", "r")
        assert again.exit_code == 0, again.stderr
        assert len(server.calls) == 2


@pytest.mark.parametrize("stdin", ["closed", "silent"])
def test_nothing_ever_waits_for_stdin(desk, stdin):
    commit_files(desk.repo, {"check.sh": "cat\n"}, "a check that reads")
    desk.plan()
    with scripted_server(oracle_of(ONE, {**FILES, "check.sh": "cat\n"})) as server:
        done = with_stdin(desk.beside(server), stdin, "run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
    assert with_stdin(desk, stdin, "status", "r").exit_code == 0


def test_a_caller_that_closed_every_stream_gets_the_run_and_its_exit_code(desk, tmp_path):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *COMMAND, "run", "--run-id", "r"]
        keyed = desk.beside(server)
        assert subprocess.run(command, cwd=desk.repo, env=keyed.environment, timeout=PATIENCE_S, check=False).returncode == 0
        assert subprocess.run(command, cwd=tmp_path, env=keyed.environment, timeout=PATIENCE_S, check=False).returncode == 7
    assert desk.status("r")["state"] == "complete"


def test_a_plain_c_locale_changes_nothing(tmp_path):
    files = {**FILES, "grüße.txt": "hallo\n"}
    desk = Desk.make(tmp_path / "Büro", files).with_env(LANG="C", LC_ALL="C")
    goal = "Grüße — überall"
    desk.plan(phase_of("one", "grüße.txt"), goal=goal)
    with scripted_server(oracle_of({"one": {"grüße.txt": "schöne Grüße ✓\n"}}, files)) as server:
        done = desk.beside(server).autopack("run", "--run-id", "r")
        assert done.exit_code == 0, done.stderr
        assert "hallo" in server.asked("builder")[0].text
    assert "grüße.txt" in done.stderr
    assert desk.at("autopack/r", "grüße.txt") == "schöne Grüße ✓\n"
    assert goal in desk.autopack("status", "r").stdout
    assert desk.status("r")["goal"] == goal
    assert "Büro" in refusal(desk.autopack("run", "--repo", "nowhere/Büro"), 7)


def test_without_a_home_the_run_works(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).without("HOME").autopack("run", "--run-id", "r")
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in desk.repo.iterdir()) == [".autonomous_runs", ".git", "app.txt", "autopack.yaml", "check.sh", "docs"]


def test_a_state_directory_that_cannot_be_made_is_refused_before_anything_is_bought(desk, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file\n")
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).with_env(XDG_STATE_HOME=str(blocked)).autopack("run", "--run-id", "r")
        assert server.calls == []
        assert done.exit_code == 7, done.stderr
        assert "Traceback" not in done.stderr
        assert str(blocked) in done.stderr
        again = desk.beside(server).autopack("resume", "r")
        assert again.exit_code == 0, again.stderr


def test_a_work_tree_inside_a_repository_is_refused(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        done = desk.beside(server).with_env(XDG_STATE_HOME=str(desk.repo / "state")).autopack("run", "--run-id", "r")
        assert server.calls == []
    assert done.exit_code == 7, done.stderr
    assert "inside the repository" in done.stderr
    assert "workspace.dir" in done.stderr


def with_stdin(desk: Desk, kind: str, *words: str) -> Ended:
    """The command with a stdin that is no descriptor at all, or one to which nobody ever writes."""
    command = [*COMMAND, *words] if kind == "silent" else ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *words]
    silent = subprocess.PIPE if kind == "silent" else subprocess.DEVNULL
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=desk.repo, env=desk.environment, stdin=silent, **pipes) as process:
        code = process.wait(PATIENCE_S)
        return Ended(code, process.stdout.read().decode(), process.stderr.read().decode(), 0.0)
