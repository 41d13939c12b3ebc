import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autopack.checks.processes import process_table
from autopack.checks.processes.process_table import Proc, boot_id, child, environment_value, find, has_open, holds, processes, send

SLEEP = shutil.which("sleep")

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture
def sleeper():
    with subprocess.Popen(("sleep", "60"), env={"MARK": "grün", "PATH": os.environ["PATH"]}, start_new_session=True) as process:
        yield process
        process.kill()


def test_a_child_is_found_with_its_parent_session_and_group(sleeper):
    row = next(row for row in processes() if row.proc.pid == sleeper.pid)
    assert (row.parent, row.group, row.session, row.is_alive) == (os.getpid(), sleeper.pid, sleeper.pid, True)
    found = find(sleeper.pid)
    assert found is not None
    assert replace(found, resident_bytes=row.resident_bytes) == row  # it may have gone on between the two looks
    named = child(sleeper.pid)
    assert Proc(named.pid, named.started) == row.proc


def test_psutil_gives_the_same_rows_but_for_the_clock(sleeper):
    row = next(row for row in process_table._psutil_rows() if row.proc.pid == sleeper.pid)
    assert (row.parent, row.group, row.session, row.is_alive) == (os.getpid(), sleeper.pid, sleeper.pid, True)
    assert "MARK=grün".encode() in process_table._psutil_environment(row.proc)
    again = process_table._psutil_row(sleeper.pid)
    assert again is not None
    assert replace(again, resident_bytes=row.resident_bytes) == row


@linux_only
def test_the_environment_of_another_process_is_read_exactly(sleeper):
    row = find(sleeper.pid)
    assert row is not None
    assert holds(row.proc, "MARK=grün".encode())
    assert not holds(row.proc, b"MARK=gr")
    assert environment_value(row.proc, b"MARK") == "grün".encode()
    assert environment_value(row.proc, b"MAR") is None


@linux_only
def test_a_process_that_is_just_becoming_its_program_is_waited_for():
    for turn in range(300):
        with subprocess.Popen(("sleep", "60"), env={"MARK": str(turn)}, executable=SLEEP, start_new_session=True) as process:
            found = holds(Proc(process.pid, 0.0), f"MARK={turn}".encode())
            process.kill()
        assert found, f"start {turn}"


@linux_only
def test_a_program_without_an_environment_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(process_table, "_EXEC_PATIENCE_S", 5.0)
    with subprocess.Popen(("sleep", "60"), env={}, executable=SLEEP) as process:
        began = time.monotonic()
        assert not holds(Proc(process.pid, 0.0), b"MARK=1")
        process.kill()
    assert time.monotonic() - began < 2.5


@linux_only
def test_open_files_of_another_process_are_seen(sleeper):
    row = find(sleeper.pid)
    assert row is not None
    target = str(Path(f"/proc/{sleeper.pid}/fd/1").readlink())
    assert has_open(row.proc, target)
    assert not has_open(row.proc, "pipe:[0]")


def test_a_number_that_was_given_to_another_process_is_not_signalled(sleeper):
    row = find(sleeper.pid)
    assert row is not None
    send(Proc(sleeper.pid, row.proc.started - 5), signal.SIGKILL)
    assert sleeper.poll() is None
    send(row.proc, signal.SIGKILL)
    assert sleeper.wait(5) == -signal.SIGKILL


def test_a_process_that_is_gone_is_no_error(sleeper):
    row = find(sleeper.pid)
    assert row is not None
    sleeper.kill()
    sleeper.wait()
    assert find(sleeper.pid) is None
    send(row.proc, signal.SIGTERM)
    assert not holds(row.proc, b"MARK=1")


def test_the_boot_has_a_name_that_stays():
    assert boot_id() == boot_id() != ""
