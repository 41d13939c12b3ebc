"""Checks that do not end by themselves: ended with all they started, told to the next attempt, and the run goes on."""

import time

import pytest

from tests.support.command import FILES, ONE, Desk, ending, oracle_of, phase_of
from tests.support.commands import is_running
from tests.support.repos import commit_files
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

ONCE = {"reruns": 0}  # else a check that hangs once would pass for flaky
DEAF = """
import pathlib, signal, time
if pathlib.Path("app.txt").read_text() == "two\\n" and not pathlib.Path({flag!r}).exists():
    pathlib.Path({flag!r}).touch()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    while True:
        {deed}
        time.sleep(0.1)
"""
DETACHING = """
import os, pathlib, signal, time
if pathlib.Path("app.txt").read_text() == "two\\n":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            pathlib.Path({flag!r}).write_text(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    while not pathlib.Path({flag!r}).exists():
        time.sleep(0.01)
print("the check is done")
"""


@pytest.mark.parametrize(
    ("deed", "limits", "said"),
    [("pass", {"timeout_s": 100, "idle_timeout_s": 2}, "nothing for 2 s"), ("print('.', flush=True)", {"timeout_s": 3}, "within 3 s")],
    ids=["silent", "talking"],
)
def test_a_check_that_heeds_no_signal_is_ended_and_the_next_attempt_lands(desk, tmp_path, deed, limits, said):
    committed(desk, DEAF.format(flag=str(tmp_path / "flag"), deed=deed))
    desk.plan(phase_of("one", max_attempts=3, ci={"command": "python check.py", "tests": "none", "flaky": ONCE, **limits}))
    with scripted_server(oracle_of(ONE)) as server:
        done = quick(desk.beside(server)).autopack("run", "--run-id", "r", patience_s=100)
        assert done.exit_code == 0, done.stderr
        first, second = server.asked("builder")
    assert said in second.text
    assert said not in first.text
    assert desk.at("autopack/r", "app.txt") == "two\n"


def test_a_process_that_detached_and_holds_the_output_delays_nobody_and_is_ended(desk, tmp_path):
    pid = tmp_path / "pid"
    committed(desk, DETACHING.format(flag=str(pid)))
    desk.plan(phase_of("one", ci={"command": "python check.py", "tests": "none", "timeout_s": 100}))
    with scripted_server(oracle_of(ONE)) as server:
        began = time.monotonic()
        done = quick(desk.beside(server)).autopack("run", "--run-id", "r", patience_s=100)
    assert done.exit_code == 0, done.stderr
    assert time.monotonic() - began < 90, "it was not waited for until its time was up"
    assert not is_running(int(pid.read_text()))


def test_a_run_whose_only_attempt_hung_ends_as_failed_and_can_be_tried_again(desk, tmp_path):
    flag = tmp_path / "flag"
    committed(desk, DEAF.format(flag=str(flag), deed="pass"))
    desk.plan(phase_of("one", max_attempts=1, ci={"command": "python check.py", "tests": "none", "timeout_s": 1.5, "flaky": ONCE}))
    with scripted_server(oracle_of(ONE)) as server:
        keyed = quick(desk.beside(server))
        assert "not complete: one" in ending(keyed.autopack("run", "--run-id", "r", patience_s=100), 1)
        assert desk.status("r")["phases"][0]["failure"]["kind"] == "check_timeout"
        assert flag.exists()
        assert desk.autopack("retry", "r", "one").exit_code == 0
        assert keyed.autopack("resume", "r").exit_code == 0
    assert desk.at("autopack/r", "app.txt") == "two\n"


def committed(desk: Desk, check: str) -> None:
    commit_files(desk.repo, {"check.py": check}, "a check")
    assert set(FILES) <= set(desk.git("ls-files").split("\n"))


def quick(desk: Desk) -> Desk:
    """Little patience after SIGTERM; without a sandbox, so that the check may leave its mark."""
    return desk.with_env(AUTOPACK_CHECKS__KILL_GRACE_S="0.2", AUTOPACK_SANDBOX="off")
