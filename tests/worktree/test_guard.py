import os
import subprocess
import sys

import pytest

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.guard import exclusive


def test_second_holder_waits_and_is_told_which_file(tmp_path):
    file = tmp_path / "deep/guard.lock"
    slept = []
    refused = pytest.raises(EnvironmentBlockedError, match=r"guard\.lock")
    with exclusive(file, wait_s=1, sleep=slept.append), refused, exclusive(file, wait_s=1, sleep=slept.append):
        pass
    assert 0.9 < sum(slept) < 1.2
    with exclusive(file, wait_s=0, sleep=slept.append):
        pass


def test_child_that_outlives_its_parent_goes_on_holding(tmp_path):
    file = tmp_path / "guard.lock"
    with exclusive(file, wait_s=0, sleep=lambda _: None) as descriptor:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(descriptor,))
    with pytest.raises(EnvironmentBlockedError), exclusive(file, wait_s=0, sleep=lambda _: None):
        pass
    child.communicate(b"\n")
    with exclusive(file, wait_s=5, sleep=lambda _: None) as descriptor:
        assert not os.get_inheritable(descriptor)
