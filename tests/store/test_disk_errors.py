import errno
import sqlite3

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from autopack.core.errors import EnvironmentBlockedError
from autopack.store.disk_errors import is_disk_full


def test_the_systems_own_words_are_known():
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_disk_full(ValueError("a defect"))


def test_what_sqlite_says_is_found_in_the_causes():
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as raised:
        connection.execute(text("PRAGMA max_page_count = 1"))
        connection.execute(text("CREATE TABLE big AS SELECT hex(randomblob(100000)) AS x"))
    engine.dispose()
    blocked = EnvironmentBlockedError("the state is out of reach.")
    blocked.__cause__ = raised.value
    assert is_disk_full(blocked)


def test_another_trouble_of_sqlite_is_no_full_disk():
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as raised:
        connection.execute("SELECT * FROM nowhere")
    connection.close()
    assert not is_disk_full(raised.value)


def test_gits_words_are_found_in_a_sentence_of_ours():
    assert is_disk_full(EnvironmentBlockedError("git commit could not write (fatal: write error: No space left on device)."))
    assert not is_disk_full(EnvironmentBlockedError("git is not on PATH."))


def test_causes_in_a_circle_come_to_an_end():
    first, second = ValueError("one"), ValueError("two")
    first.__cause__, second.__cause__ = second, first
    assert not is_disk_full(first)
