"""A signal ends the run, and the process with it: nothing that the run began holds it back once its end is told."""

import os
import random
import signal
import time

import pytest

from tests.support.command import ONE, PATIENCE_S, Desk, oracle_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end
SIGNALS = 8
GONE_S = 10.0
"""A second is meant, on a machine with nothing else to do; what held the process was a timer of two minutes."""


def told_and_gone(running) -> tuple[int, float]:
    """The exit code, and how long the process stayed once its end was told."""
    give_up = time.monotonic() + PATIENCE_S
    told = None
    while running.process.poll() is None:
        if told is None and '"run_finished"' in running.out.read_text("utf-8"):
            told = time.process_time(), time.monotonic()
        assert time.monotonic() < give_up, running.err.read_text("utf-8")
        time.sleep(0.005)
    return running.process.returncode, time.monotonic() - told[1] if told else 0.0


def slow_git(desk: Desk, command: str) -> tuple[Desk, str]:
    """The same desk with a git that takes its time over one command, and the file that it makes as it begins that."""
    programs, mark = desk.home.parent / "programs", f"{desk.home.parent}/slow"
    programs.mkdir()
    text = f'#!/bin/sh\ncase " $* " in *" {command} "*) touch {mark}; sleep 3;; esac\nexec {real_git()} "$@"\n'
    (programs / "git").write_text(text, "utf-8")
    (programs / "git").chmod(0o755)
    return desk.with_env(PATH=f"{programs}:{desk.environment['PATH']}"), mark


def real_git() -> str:
    import shutil

    return shutil.which("git") or "git"


@pytest.mark.parametrize("command", ["fast-import", "update-ref"])
def test_a_signal_while_git_works_ends_the_process_as_soon_as_the_end_is_told(desk, command):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        slow, mark = slow_git(desk.beside(server), command)
        with slow.start("run", "--run-id", "r", "--json") as running:
            running.until(lambda: os.path.exists(mark) and "run_running" in running.out.read_text("utf-8"))  # noqa: PTH110
            running.send(signal.SIGTERM)
            code, stayed = told_and_gone(running)
        assert (code, stayed < GONE_S) == (143, True), (stayed, running.err.read_text("utf-8"))
        assert desk.status("r")["state"] == "interrupted"
        done = desk.beside(server).autopack("resume", "r")
        assert done.exit_code == 0, done.stderr


def test_after_each_signal_the_process_was_gone_as_soon_as_its_end_was_told(desk):
    desk.plan()
    spread = random.Random(8)  # noqa: S311 - where the signals come
    with scripted_server(oracle_of(ONE)) as server:
        shell = desk.beside(server)
        began = time.monotonic()
        whole = Desk.make(desk.home.parent / "first").beside(server)
        whole.plan()
        assert whole.autopack("run", "--run-id", "r").exit_code == 0
        whole_s = time.monotonic() - began
        for _ in range(SIGNALS):
            with shell.start("run", "--run-id", "r", "--json") as running:
                time.sleep(spread.uniform(0.2, 1.0) * whole_s)
                if running.process.poll() is None:
                    running.send(signal.SIGTERM)
                code, stayed = told_and_gone(running)
            assert code in (0, 143, -signal.SIGTERM), running.err.read_text("utf-8")  # before its handlers stand it dies of it
            assert "Traceback" not in running.err.read_text("utf-8")
            assert stayed < GONE_S, (stayed, running.err.read_text("utf-8"))
        assert shell.autopack("run", "--run-id", "r").exit_code == 0
