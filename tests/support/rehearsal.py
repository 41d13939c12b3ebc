"""One whole run in this process: what every run compiles at first use (SQL, patterns, shapes of JSON), its children then find ready.

Nothing of it is seen by them but time: it has a home, a repository and a state of its own, which are gone, and no key is withdrawn.
"""

import os
import tempfile
import time
from pathlib import Path
from unittest import mock

from autopack.core.clock import Clock
from autopack.executor.options import RunOptions
from autopack.executor.start.start_run import start_run
from autopack.executor.watcher import Watcher
from tests.support.command import Desk, oracle_of, phase_of
from tests.support.compiled_sql import share_compiled_sql
from tests.support.oracle import Spoil
from tests.support.server import scripted_server

CHANGES = {"one": {"app.txt": "two\n"}, "two": {"app.txt": "three\n"}}


def rehearse() -> None:
    """A run of two phases, the second of which fails once."""
    share_compiled_sql()
    with tempfile.TemporaryDirectory(prefix="autopack-rehearsal-") as folder:
        desk = Desk.make(Path(folder))
        desk.plan(phase_of("one"), phase_of("two"))
        answer = oracle_of(CHANGES, spoils={"two": Spoil.BROKEN})
        with scripted_server(answer) as server, mock.patch.dict(os.environ, desk.beside(server).environment, clear=True):
            end = start_run(RunOptions(desk.repo, "r"), Clock(time.time, time.monotonic, time.sleep), Watcher(ignore, ignore, ignore))
        tempfile.tempdir = None  # children have another TMPDIR
        if end.exit_code:
            raise SystemExit(f"the rehearsal ended with {end.exit_code}: {end.message}")


def ignore(_: object) -> None:
    pass
