import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import database as database_module
from autopack.store.database import Database
from autopack.store.tables import RunRow


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    database = Database.open(tmp_path / "state.db")
    yield database
    database.close()


def test_a_database_that_stays_locked_is_named_with_what_to_do(database):
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(EnvironmentBlockedError, match=r"state\.db is out of reach: another process keeps it locked"), database.write():
        pass
    other.close()
    with database.write():
        pass


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
