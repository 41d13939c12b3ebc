import subprocess
import sys
import time
from dataclasses import replace

import pytest

from autopack.checks.processes.orphans import end_leftovers, end_process
from autopack.checks.processes.process_table import child
from tests.support.commands import PATH, is_running, read_pid

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture
def orphaned(tmp_path):
    """A command as a dead run leaves it: a shell, a child, and a grandchild in a session of its own."""
    out = tmp_path / "out" / "out-1"
    out.mkdir(parents=True)
    line = "setsid sh -c 'echo $$ > far; exec sleep 60' & sh -c 'echo $$ > near; exec sleep 60' & echo $$ > root; sleep 60; :"
    with subprocess.Popen(
        ("sh", "-c", line), cwd=tmp_path, env={"PATH": PATH, "AUTOPACK_OUT": str(out)}, start_new_session=True
    ) as process:
        for name in ("far", "near", "root"):
            read_pid(tmp_path / name)
        yield process
        for name in ("far", "near", "root"):
            pid = read_pid(tmp_path / name)
            if is_running(pid):
                subprocess.run(("kill", "-9", str(pid)), check=False)


def _pids(tmp_path):
    return [read_pid(tmp_path / name) for name in ("far", "near", "root")]


def test_the_tree_of_a_dead_run_is_ended(orphaned, tmp_path):
    assert end_process(child(orphaned.pid), grace_s=1) == 4
    assert not [pid for pid in _pids(tmp_path) if is_running(pid)]


def test_a_reused_number_is_left_alone(orphaned, tmp_path):
    named = child(orphaned.pid)
    assert end_process(replace(named, started=named.started - 50), grace_s=0) == 0
    assert all(is_running(pid) for pid in _pids(tmp_path))


def test_a_child_of_another_boot_is_gone(orphaned, tmp_path):
    assert end_process(replace(child(orphaned.pid), boot_id="another"), grace_s=0) == 0
    assert all(is_running(pid) for pid in _pids(tmp_path))


def test_what_outlived_the_shell_is_ended_by_its_session_and_mark(orphaned, tmp_path):
    named = child(orphaned.pid)
    orphaned.kill()
    orphaned.wait()
    assert end_process(named, grace_s=1) >= 1
    far, near, _ = _pids(tmp_path)
    assert not is_running(near)
    assert is_running(far)
    assert end_leftovers(tmp_path / "out", grace_s=1) == 1
    assert not is_running(far)


def test_leftovers_of_another_run_are_left_alone(orphaned, tmp_path):
    (tmp_path / "ou").mkdir()
    assert end_leftovers(tmp_path / "ou", grace_s=0) == 0
    assert all(is_running(pid) for pid in _pids(tmp_path))


def test_ending_twice_is_no_error(orphaned):
    named = child(orphaned.pid)
    end_process(named, grace_s=1)
    orphaned.wait(5)
    time.sleep(0.05)
    assert end_process(named, grace_s=1) == 0
