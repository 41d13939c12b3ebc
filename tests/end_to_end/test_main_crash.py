"""Killed, interrupted, asked to stop: the same command goes on, nothing is bought twice, and the branch ends as if nothing had been."""

import asyncio
import json
import os
import pty
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.command import COMMAND, FILES, oracle_of, phase_of
from tests.support.commands import is_running
from tests.support.repos import commit_files, tree
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end

NAMES = ("one", "two", "three", "four")
ANSWERS = {name: {"app.txt": f"{name}\n", f"docs/{name}.txt": f"{name}\n"} for name in NAMES}
RUN = ("run", "--run-id", "r", "--json")
DEFECTIVE = """
from autopack.executor.attempt import attempt_phase

def broken(*_):
    raise RuntimeError("a wire is loose")

attempt_phase.check_phase = broken
from autopack.__main__ import main
main()
"""
"""The command with a defect that shows once the first reply is there."""


def phases(*names):
    return [phase_of(name, "app.txt", "docs/") for name in names or NAMES]


def replied(desk):
    """How often each question was answered: (phase, role) of every reply that was paid for."""
    connection = sqlite3.connect(desk.repo / ".git" / "autopack" / "autopack.db")
    try:
        found = connection.execute("SELECT phase_id, role, state FROM call ORDER BY id").fetchall()
    finally:
        connection.close()
    return [(phase, role) for phase, role, state in found if state == "replied"], sum(state == "unknown" for _, _, state in found)


def assert_uninjured(desk, names, files=FILES):
    expected = dict(files)
    commits = desk.git("rev-list", "--reverse", "main..autopack/r").split("\n")
    assert len(commits) == len(names)
    for commit, name in zip(commits, names, strict=True):
        expected.update(ANSWERS[name])
        assert {path: data.decode() for path, (_, data) in tree(desk.repo, commit).items()} == expected
    assert desk.git("fsck", "--no-dangling") == ""
    assert [phase["attempts"] for phase in desk.status("r")["phases"]] == [1] * len(names)


def test_killed_at_every_step_it_ends_as_if_nothing_had_been(desk):
    desk.plan(*phases())
    steps = ("phase_building", "phase_checking", "phase_integrating", "phase_complete")
    with scripted_server(oracle_of(ANSWERS)) as server:
        keyed = desk.beside(server).fresh()
        for phase, step in zip(NAMES, steps, strict=True):
            with keyed.start(*RUN) as running:
                running.until(lambda step=step, phase=phase: has_come(desk, running, step, phase))
                running.send(signal.SIGKILL)
                assert running.end().exit_code in (-signal.SIGKILL, 0)
        done = keyed.autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        answered, lost = replied(desk)
        assert sorted(answered) == sorted((name, role) for name in NAMES for role in ("builder", "auditor"))
        assert len(server.calls) <= len(answered) + lost
    assert_uninjured(desk, NAMES)


def has_come(desk, running, step, phase):
    """Whether this start, or one before it, is there: a start that finds it done is killed at once."""
    if any(line["event"] == "run_finished" for line in running.events):
        return True
    file = desk.repo / ".git" / "autopack" / "autopack.db"
    if not running.events:
        return False
    connection = sqlite3.connect(file)
    try:
        query = "SELECT count(*) FROM event WHERE event = ? AND phase_id = ?"
        return connection.execute(query, (step, phase)).fetchone()[0] > 0
    finally:
        connection.close()


@pytest.mark.parametrize("api", ["anthropic", "openai"])
def test_killed_while_a_reply_is_awaited_it_asks_that_one_question_again(desk, api):
    desk.plan(*phases("one", "two"))
    oracle, late = oracle_of(ANSWERS), []

    def script(request):
        if request.headers["x-autopack-phase"] == "two" and not late:
            late.append(request)
            return {"text": "", "delay": 60}
        return oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server, api)
        with keyed.start(*RUN) as running:
            running.until(lambda: bool(late))
            running.send(signal.SIGKILL)
            running.end()
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"]) == (143, "interrupted")
        assert status.json["next"][0].startswith("autopack resume r")
        done = keyed.autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        first, second = server.asked("builder", "two")
        assert first.text == second.text
        assert (first.attempt, second.attempt) == (1, 1)
        assert len(server.calls) == 5
    assert replied(desk)[1] == 1
    assert desk.status("r")["budget"]["reserved_usd"] > 0, "what the lost call may have cost counts"
    assert_uninjured(desk, ("one", "two"))


def test_killed_in_a_check_its_stubborn_child_is_ended_and_the_check_runs_again(desk, tmp_path):
    pid_file, released = tmp_path / "pid", tmp_path / "released"
    check = f"grep -q two app.txt || exit 0\n[ -e '{released}' ] && exit 0\ntrap '' TERM\necho $$ > '{pid_file}.part' && mv '{pid_file}.part' '{pid_file}'\nwhile :; do sleep 0.1; done\n"
    files = {**FILES, "check.sh": check}
    commit_files(desk.repo, {"check.sh": check}, "a check that waits")
    desk.plan(*phases("one", "two"))
    with scripted_server(oracle_of(ANSWERS, files)) as server:
        keyed = desk.beside(server).with_env(AUTOPACK_CHECKS__KILL_GRACE_S="0.3", AUTOPACK_SANDBOX="off")
        with keyed.start(*RUN) as running:
            running.until(pid_file.exists)
            child = int(pid_file.read_text())
            running.send(signal.SIGKILL)
            running.end()
        assert is_running(child)
        released.touch()
        refused = keyed.without("ANTHROPIC_API_KEY").autopack(*RUN)
        assert (refused.exit_code, len(refused.told("leftovers_ended"))) == (6, 1), refused.stderr
        assert not is_running(child), "it is ended although the start is refused"
        with left_behind(keyed) as process:
            refused = keyed.with_env(AUTOPACK_WORKSPACE__MIN_FREE_BYTES=str(10**18)).autopack(*RUN)
            assert (refused.exit_code, len(refused.told("leftovers_ended"))) == (7, 1), refused.stderr
            assert process.wait(60) != 0
        done = keyed.autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        assert not done.told("leftovers_ended")
        assert [(call.phase, call.role) for call in server.calls] == [
            (name, role) for name in ("one", "two") for role in ("builder", "auditor")
        ]
    assert_uninjured(desk, ("one", "two"), files)


@contextmanager
def left_behind(desk):
    """A command of the run as it is left by an owner that died before it could write the command's number down."""
    (run_folder,) = desk.home.glob(".local/state/autopack/*/r")
    marked = {**desk.environment, "AUTOPACK_OUT": str(run_folder / "1.out" / "check-7")}
    process = subprocess.Popen(["sleep", "600"], env=marked, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_killed_in_a_check_the_sandbox_takes_every_process_along(desk):
    """Also one that left its session and cleared its environment; nobody has to look for them."""
    marks = ("64.25", "64.5", "64.75")
    check = f"[ -e docs/one.txt ] || exit 0\nenv -i setsid sleep {marks[0]} &\nsleep {marks[1]} &\ntrap '' TERM\nsleep {marks[2]}\n"
    files = {**FILES, "check.sh": check}
    commit_files(desk.repo, {"check.sh": check}, "a check that waits")
    desk.plan(*phases("one"))
    with scripted_server(oracle_of(ANSWERS, files)) as server, desk.beside(server).start(*RUN) as running:
        running.until(lambda: len(sleeping(marks)) == len(marks))
        running.send(signal.SIGKILL)
        running.end()
        end = time.monotonic() + 30
        while sleeping(marks) and time.monotonic() < end:
            time.sleep(0.05)
        assert sleeping(marks) == []


def sleeping(marks):
    """Which of these ``sleep`` commands are running, by their words."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            found += [mark for mark in marks if words[:2] == [b"sleep", mark.encode()]]
    return found


def test_every_way_to_stop_is_told_apart_and_gone_on_from(desk):
    """One run that is ended in four ways: Ctrl-C once, Ctrl-C twice, SIGTERM, `autopack stop`."""
    desk.plan(*phases())
    oracle, seen, released = oracle_of(ANSWERS), [], set()

    async def script(request):
        key = request.headers["x-autopack-phase"], request.headers["x-autopack-role"]
        if key[1] == "builder" and key not in seen:
            seen.append(key)
            while key[0] not in released:  # noqa: ASYNC110 - it is released from another thread
                await asyncio.sleep(0.02)
        return oracle(request)

    def once(running):
        running.send(signal.SIGINT)
        running.until(lambda: "press Ctrl-C again" in running.err.read_text("utf-8"))
        released.add("one")
        return 130

    def twice(running):
        running.send(signal.SIGINT)
        running.until(lambda: "press Ctrl-C again" in running.err.read_text("utf-8"))
        running.send(signal.SIGINT)
        return 130

    def terminated(running):
        running.send(signal.SIGTERM)
        running.send(signal.SIGHUP)  # on top of it, as where a terminal is closed: the end is recorded all the same
        return 143

    def asked(running):
        said = desk.autopack("stop", "r")
        assert said.exit_code == 0, said.stderr
        assert str(running.pid) in said.stderr
        released.add("four")
        return 130

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        for name, way in zip(NAMES, (once, twice, terminated, asked), strict=True):
            with keyed.start(*RUN) as running:
                running.until(lambda name=name: (name, "builder") in seen)
                code = way(running)
                began = time.monotonic()
                ended = running.end()
            assert (name, ended.exit_code) == (name, code), ended.stderr
            assert time.monotonic() - began < 50
            assert (ended.events[-1]["state"], ended.events[-1]["exit_code"]) == ("interrupted", code)
            assert desk.autopack("status", "r", "--json").exit_code == code
        done = keyed.autopack(*RUN)
        assert done.exit_code == 0, done.stdout + done.stderr
        count = {name: len(server.asked("builder", name)) for name in NAMES}
        assert count == {"one": 1, "two": 2, "three": 2, "four": 1}, "a reply that was waited for is kept"
        assert len(server.asked("auditor")) == 4
    assert_uninjured(desk, NAMES)


def test_a_defect_ends_the_stream_like_any_other_end_is_reported_and_the_run_goes_on(desk):
    desk.plan(*phases("one"))
    with scripted_server(oracle_of(ANSWERS)) as server:
        keyed = desk.beside(server)
        with keyed.start(*RUN, program=DEFECTIVE) as running:
            broken = running.end()
        assert broken.exit_code == 70, broken.stderr
        last = broken.events[-1]
        assert (last["event"], last["state"], last["exit_code"], last["reason"]) == ("run_finished", "interrupted", 70, "defect")
        assert "RuntimeError: a wire is loose" in last["message"]
        assert last["next"] == ["autopack resume r"]
        (report,) = (desk.repo / ".autonomous_runs" / "r" / "errors").glob("*_executor_RuntimeError.json")
        assert f"the report is {report}" in broken.stderr
        assert json.loads(report.read_text("utf-8"))["run_id"] == "r"
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["state"], status.json["next"]) == (70, "interrupted", ["autopack resume r"])
        done = keyed.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
        assert [call.role for call in server.calls] == ["builder", "auditor"]
    assert_uninjured(desk, ("one",))


def test_a_closed_terminal_ends_the_run_and_one_that_nohup_guards_goes_on(desk):
    desk.plan(*phases("one", "two"))
    oracle, seen, released = oracle_of(ANSWERS), [], threading.Event()

    async def script(request):
        seen.append(request.headers["x-autopack-phase"])
        while not released.is_set():  # noqa: ASYNC110 - it is set by another thread
            await asyncio.sleep(0.02)
        return oracle(request)

    with scripted_server(script) as server:
        keyed = desk.beside(server)
        assert in_a_terminal_closed_once(lambda: bool(seen), keyed) == 143
        status = desk.autopack("status", "r", "--json")
        assert (status.exit_code, status.json["reason"], status.json["message"]) == (
            143,
            "terminated",
            "the terminal that it ran on was closed (SIGHUP).",
        )
        with keyed.start(*RUN, through=("nohup",)) as running:
            running.until(lambda: len(seen) == 2)
            running.send(signal.SIGHUP)
            time.sleep(0.5)
            released.set()
            done = running.end()
        assert done.exit_code == 0, done.stderr
        answered, lost = replied(desk)
        assert (len(answered), lost, len(server.calls)) == (4, 1, 5)
    assert_uninjured(desk, ("one", "two"))


LEADER = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


def in_a_terminal_closed_once(is_reached, desk):
    """The exit code of a run whose terminal is closed under it."""
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", LEADER, *COMMAND, "run", "--run-id", "r"]
    process = subprocess.Popen(
        words, cwd=desk.repo, env=desk.environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    try:
        while not is_reached():
            assert process.poll() is None, shown
            if select.select([ours], [], [], 0.02)[0]:
                shown += os.read(ours, 1 << 16)
    finally:
        os.close(ours)
    assert "one" in shown.decode(), "it draws its table there"
    return process.wait(60)
