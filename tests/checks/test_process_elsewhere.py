"""The way of systems without ``/proc``, taken on this one."""

import time

import pytest

from autopack.checks.processes import process_table
from autopack.checks.processes.command import EndKind
from autopack.checks.processes.process import run_command
from tests.support.commands import command_spec, is_running, read_pid


@pytest.fixture(autouse=True)
def no_proc(monkeypatch):
    monkeypatch.setattr(process_table, "is_linux", lambda: False)


def test_an_exit_and_its_output_are_seen(tmp_path):
    end = run_command(command_spec("echo hello; exit 4", tmp_path))
    assert (end.kind, end.exit_code, end.output) == (EndKind.EXITED, 4, "hello\n")


def test_a_timeout_reaches_the_whole_tree(tmp_path):
    began = time.monotonic()
    end = run_command(command_spec("setsid sh -c 'trap \"\" TERM; echo $$ > pid; sleep 60; :' & wait", tmp_path, timeout_s=3))
    assert end.kind is EndKind.TIMEOUT
    assert time.monotonic() - began < 30
    assert not is_running(read_pid(tmp_path / "pid"))


def test_what_outlives_the_command_is_ended(tmp_path):
    end = run_command(
        command_spec("setsid sh -c 'echo $$ > pid; exec sleep 60' >/dev/null 2>&1 & while [ ! -s pid ]; do sleep 0.05; done", tmp_path)
    )
    assert end.left_behind == 1
    assert not is_running(read_pid(tmp_path / "pid"))
