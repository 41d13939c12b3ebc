"""The reader of a run's output goes away: progress is nobody's then, and the run goes on; data that nobody reads ends it like an interrupt."""

import os
import subprocess

import pytest

from tests.support.command import COMMAND, ONE, PATIENCE_S, oracle_of, phase_of
from tests.support.server import scripted_server

pytestmark = pytest.mark.end_to_end


def piped(desk, *words, reads: int, merged: bool = True) -> int:
    """The command's exit code; its output is read for so many lines, and then its reader is gone."""
    kept, given = os.pipe()
    with open(kept, "rb") as reader:  # noqa: PTH123 - a descriptor
        error = given if merged else subprocess.DEVNULL
        command = subprocess.Popen(
            [*COMMAND, *words], cwd=desk.repo, env=desk.environment, stdin=subprocess.DEVNULL, stdout=given, stderr=error
        )
        os.close(given)
        for _ in range(reads):
            reader.readline()
    return command.wait(PATIENCE_S)


@pytest.mark.parametrize("reads", [0, 1])
def test_a_run_goes_on_when_nobody_reads_its_progress_any_more(desk, reads):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server:
        assert piped(desk.beside(server), "run", "--run-id", "r", reads=reads) == 0
    assert desk.at("autopack/r", "app.txt") == "two\n"
    assert not (desk.repo / ".autonomous_runs/-").exists(), "no error report"


def test_a_run_goes_on_when_the_disk_that_takes_its_progress_is_full(desk):
    desk.plan()
    with scripted_server(oracle_of(ONE)) as server, open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        command = [*COMMAND, "run", "--run-id", "r"]
        done = subprocess.run(
            command, cwd=desk.repo, env=desk.beside(server).environment, stdin=subprocess.DEVNULL, stderr=full, check=False
        )
    assert done.returncode == 0
    assert desk.at("autopack/r", "app.txt") == "two\n"


@pytest.mark.parametrize("reads", [0, 1, 4])
def test_a_run_whose_events_nobody_reads_ends_as_an_interrupt_and_goes_on_when_asked(desk, reads):
    desk.plan(phase_of("one"), phase_of("two"), phase_of("three"))
    answers = {**ONE, "two": {"app.txt": "three\n"}, "three": {"app.txt": "four\n"}}
    with scripted_server(oracle_of(answers)) as server:
        shell = desk.beside(server)
        assert piped(shell, "run", "--run-id", "r", "--json", reads=reads, merged=False) == 143
        status = shell.status("r")
        assert (status["state"], status["reason"]) == ("interrupted", "terminated")
        assert not (desk.repo / ".autonomous_runs/-").exists(), "no error report"
        done = shell.autopack("resume", "r")
        assert done.exit_code == 0, done.stderr
    assert desk.at("autopack/r", "app.txt") == "four\n"


def test_other_commands_end_quietly_as_a_pipe_ends_them(desk):
    desk.plan()
    assert piped(desk, "plan", "schema", reads=0) == 141
