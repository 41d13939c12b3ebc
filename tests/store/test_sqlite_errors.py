import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import database as database_module
from autopack.store.database import Database
from autopack.store.tables import RunRow

LISTS_LOCKS = Path("/proc/locks").exists()
HOLDER = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); print(); sys.stdin.read()"
)


@contextmanager
def locked(path):
    """Another process holds it until the block ends, or the process is killed."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        yield holder
        holder.kill()


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    database = Database.open(tmp_path / "state.db")
    yield database
    database.close()


def test_a_database_that_stays_locked_is_named_with_what_to_do(database):
    with locked(database.path) as holder:
        said = r"state\.db is out of reach: another process keeps it locked \((python|lsof .* says which)"
        with pytest.raises(EnvironmentBlockedError, match=said) as caught, database.write():
            pass
        assert not LISTS_LOCKS or f"process {holder.pid})" in caught.value.message
    with database.write():
        pass


def test_a_run_waits_for_a_locked_database_and_says_once_who_holds_it(database):
    told = []
    with locked(database.path) as holder:
        database.wait_for_others(lambda sentence: (told.append(sentence), holder.kill()))
        with database.write() as session:
            session.exec(text("CREATE TABLE waited_for (x)"))
    assert len(told) == 1
    assert told[0].startswith(f"waiting: another process keeps the state database {database.path} locked")
    assert not LISTS_LOCKS or f"process {holder.pid})" in told[0]
    with database.read() as session:
        assert session.exec(text("SELECT count(*) FROM waited_for")).one() == (0,)


def test_threads_that_wait_beside_one_another_say_it_once_and_once_more_the_next_time(database):
    told = []

    def writer():
        with database.write() as session:
            session.exec(text("INSERT INTO waited_for VALUES (1)"))

    with database.write() as session:
        session.exec(text("CREATE TABLE waited_for (x)"))
    database.wait_for_others(told.append)
    for _ in range(2):
        before = len(told)
        with ThreadPoolExecutor(2) as pool, locked(database.path) as holder:
            writers = [pool.submit(writer) for _ in range(2)]
            time.sleep(1)  # several times the patience of each
            assert len(told) == before + 1
            holder.kill()
            for each in writers:
                each.result(60)


def test_a_database_that_cannot_grow_is_a_full_disk(database):
    with pytest.raises(EnvironmentBlockedError, match="the disk is full; make room"), database.write() as session:
        session.exec(text("PRAGMA max_page_count = 1"))
        session.exec(text("CREATE TABLE more AS SELECT hex(randomblob(100000)) AS x"))
    with database.read() as session:
        assert session.get(RunRow, "r") is None


def test_a_damaged_database_says_that_the_work_is_on_the_branches(tmp_path):
    path = tmp_path / "state.db"
    Database.open(path).close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)
    with pytest.raises(EnvironmentBlockedError, match="damaged.*what landed is on the runs' branches"):
        Database.open(path)


def test_a_wrong_statement_stays_a_defect(database):
    with pytest.raises(OperationalError, match="no such table"), database.read() as session:
        session.exec(text("SELECT * FROM nowhere"))
