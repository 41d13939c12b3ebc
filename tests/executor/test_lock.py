import multiprocessing
import time

import pytest

from autopack.core.errors import LockedError
from autopack.executor.lock import is_alive, run_lock


def _ask(folder, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        is_alive(folder, "r")


def test_one_owner_at_a_time(tmp_path):
    with run_lock(tmp_path, "r"):
        assert is_alive(tmp_path, "r")
        with pytest.raises(LockedError, match="already being worked on by process"), run_lock(tmp_path, "r"):
            pass
        with run_lock(tmp_path, "other"):
            assert is_alive(tmp_path, "other")
    assert not is_alive(tmp_path, "r")


def test_asking_whether_a_run_is_alive_never_keeps_one_from_starting(tmp_path):
    with run_lock(tmp_path, "r"):
        pass
    asking = multiprocessing.get_context("fork").Process(target=_ask, args=(tmp_path, 1.5))
    asking.start()
    until = time.monotonic() + 1.5
    starts = 0
    while time.monotonic() < until:
        with run_lock(tmp_path, "r"):
            starts += 1
    asking.join()
    assert starts > 20
