import subprocess
import sys
import time

import pytest

from autopack.checks.processes.process_table import Proc, find
from autopack.checks.processes.process_tree import ProcessTree, end

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture
def tree():
    """A shell with a sleeping child."""
    with subprocess.Popen(("sh", "-c", "sleep 60 & sleep 60"), start_new_session=True) as process:
        deadline = time.monotonic() + 5
        row = find(process.pid)
        family = ProcessTree(row.proc, None)
        while len(family.look()) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        yield process, row.proc
        end(family.look, 0, time.sleep)


def test_the_root_and_its_children_are_the_family(tree):
    _, root = tree
    assert len(ProcessTree(root, None).look()) == 3


def test_the_family_of_a_reused_number_is_empty_of_older_processes(tree):
    _, root = tree
    assert root not in ProcessTree(Proc(root.pid, root.started + 100), None).look()


def test_whoever_has_a_dead_roots_number_now_is_a_stranger_with_all_that_is_in_its_group(tree):
    _, root = tree
    assert ProcessTree(Proc(root.pid, root.started - 100), None).look() == frozenset()


def test_ending_goes_to_the_last_member_and_counts_none_left(tree):
    process, root = tree
    family = ProcessTree(root, None)
    assert end(family.look, 2, time.sleep) == 0
    assert family.look() == frozenset()
    assert process.wait(5) != 0


def test_a_holder_of_the_output_is_found():
    with subprocess.Popen(("sh", "-c", "exec sleep 60"), stdout=subprocess.PIPE, start_new_session=True) as process:
        import os

        name = f"pipe:[{os.fstat(process.stdout.fileno()).st_ino}]"
        row = find(process.pid)
        assert row.proc in ProcessTree(row.proc, None, name).holders()
        assert ProcessTree(row.proc, None, None).holders() == frozenset()
        process.kill()


def test_a_process_that_ended_since_the_look_holds_no_memory(tree):
    process, root = tree
    family = ProcessTree(root, None)
    assert len(family.look()) == 3
    assert family.memory_bytes(0) > 0
    end(ProcessTree(root, None).look, 0, time.sleep)
    process.wait(timeout=5)
    assert family.memory_bytes(0) == 0
