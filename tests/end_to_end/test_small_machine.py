"""A machine that gives little: a limit on memory ends a run as blocked, never as a defect, and it goes on with more."""

import sys

import pytest

from tests.support.command import ONE, oracle_of
from tests.support.server import scripted_server

pytestmark = [pytest.mark.end_to_end, pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux")]


@pytest.mark.parametrize("kilobytes", [130_000, 150_000, 180_000])
def test_a_limit_on_memory_blocks_the_run_until_there_is_more(desk, kilobytes):
    desk.plan()
    limited = ("/bin/sh", "-c", f'ulimit -v {kilobytes}; exec "$@"', "sh")
    with scripted_server(oracle_of(ONE)) as server:
        keyed = desk.beside(server)
        with keyed.start("run", "--run-id", "r", through=limited) as running:
            done = running.end()
        assert done.exit_code in {0, 7}, done.stderr
        assert "a defect" not in done.stderr
        if done.exit_code:
            assert "ulimit -v" in done.stderr
        again = keyed.autopack("run", "--run-id", "r")
        assert again.exit_code == 0, again.stderr
        assert len(server.asked("auditor")) == 1
