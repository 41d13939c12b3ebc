"""One whole run in this process: what every run compiles at first use (SQL, patterns, shapes of JSON), its children then find ready.

Nothing of it is seen by them but time: it has a home, a repository and a state of its own, which are gone, and no key is withdrawn.
"""

import os
import tempfile
import time
from pathlib import Path
from unittest import mock

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

from autopack.core.clock import Clock
from autopack.executor.options import RunOptions
from autopack.executor.start.start_run import start_run
from autopack.executor.watcher import Watcher
from tests.support.command import Desk, oracle_of, phase_of
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


def share_compiled_sql() -> None:
    """All engines of this process and of its children take one dialect for another, and have one cache of compiled statements."""
    SQLiteDialect_pysqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    compiled, make = LRUCache(2000), Engine.__init__

    def made(self: Engine, *rest: object, **named: object) -> None:
        make(self, *rest, **named)
        self._compiled_cache = compiled

    Engine.__init__ = made  # type: ignore[method-assign]
