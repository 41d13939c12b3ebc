"""Limits on the whole process tree: memory, number of processes, core files."""

import shlex
import sys
import time

import pytest

from autopack.checks.commands.status import status_of
from autopack.checks.processes.command import CommandEnd, EndKind
from autopack.checks.processes.process import run_command
from autopack.checks.processes.process_table import machine_memory_bytes
from autopack.checks.results.read import Request, Source
from autopack.checks.results.report_files import StepPlace
from autopack.core.checking import StepStatus
from autopack.core.plan import CheckStep
from autopack.core.settings import CheckLimits
from tests.support.commands import command_spec, is_running

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
PYTHON = sys.executable
MEMORY = CheckLimits(kill_grace_s=0.5, memory_bytes=150_000_000)
PROCESSES = CheckLimits(kill_grace_s=0.5, processes=20)
HOLD = "import sys, time; held = bytearray(b'x') * int(sys.argv[1]); time.sleep(float(sys.argv[2]))"


@linux_only
def test_a_command_that_takes_too_much_memory_is_ended_within_seconds(tmp_path):
    began = time.monotonic()
    end = run_command(command_spec((PYTHON, "-c", HOLD, "400000000", "60"), tmp_path, limits=MEMORY))
    assert time.monotonic() - began < 20
    assert (end.kind, end.exit_code) == (EndKind.MEMORY_LIMIT, None)
    assert "150,000,000 bytes" in end.detail
    assert "checks.memory_bytes" in end.detail


@linux_only
def test_memory_is_counted_over_the_whole_tree(tmp_path):
    (tmp_path / "hold.py").write_text(HOLD)
    shared_out = f"for i in 1 2 3 4; do {shlex.quote(PYTHON)} hold.py 60000000 30 & done; wait"
    end = run_command(command_spec(shared_out, tmp_path, limits=MEMORY))
    assert end.kind is EndKind.MEMORY_LIMIT
    assert end.duration_s < 20


@linux_only
def test_memory_that_forked_processes_share_is_counted_once(tmp_path):
    fork = "import os, time\nheld = bytearray(b'x') * 80_000_000\nfor _ in range(4):\n    if not os.fork():\n        time.sleep(1.5); os._exit(0)\nfor _ in range(4):\n    os.wait()\nprint('done')"
    end = run_command(command_spec((PYTHON, "-c", fork), tmp_path, limits=MEMORY))
    assert (end.kind, end.exit_code, end.output) == (EndKind.EXITED, 0, "done\n")


def test_a_command_within_its_limits_is_left_alone(tmp_path):
    end = run_command(command_spec((PYTHON, "-c", HOLD, "50000000", "1"), tmp_path, limits=MEMORY))
    assert (end.kind, end.exit_code) == (EndKind.EXITED, 0)


@linux_only
def test_a_command_that_multiplies_is_ended_to_the_last_process(tmp_path):
    multiply = "for i in $(seq 60); do (sleep 45) & echo $!; done; sleep 45"
    end = run_command(command_spec(multiply, tmp_path, limits=PROCESSES))
    assert end.kind is EndKind.PROCESS_LIMIT
    assert "more than 20 processes" in end.detail
    assert end.duration_s < 20
    assert not [line for line in end.output.split() if is_running(int(line))]


@linux_only
def test_a_command_over_a_limit_is_red_and_says_which(tmp_path):
    step = CheckStep(command="make", tests="none")
    for kind in (EndKind.MEMORY_LIMIT, EndKind.PROCESS_LIMIT):
        assert status_of(
            step, CommandEnd(kind, None, 1.0, detail="why"), Request(Source(), StepPlace(tmp_path, tmp_path, tmp_path)), None, None
        ) == (StepStatus.RED, "why")


@linux_only
def test_a_crash_leaves_no_core_file_and_children_inherit_that(tmp_path):
    end = run_command(command_spec("sleep 0.3; sh -c 'ulimit -c'; ulimit -H -c", tmp_path))
    assert end.output == "0\n0\n"


@linux_only
def test_the_machine_has_memory_and_a_container_no_more_than_it():
    assert 100_000_000 < machine_memory_bytes() < 10**15
