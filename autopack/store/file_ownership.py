"""Finds whose database a file is, by SQLite's header, before anything could be written to it."""

import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError

APPLICATION_ID: Final = 0x41504B31
"""``APK1`` at byte 68 of the header (https://www.sqlite.org/fileformat2.html): this file is ours."""

_MAGIC: Final = b"SQLite format 3\0"
_AT: Final = slice(68, 72)


def claim(path: Path) -> None:
    """Marks a new file as ours; raises EnvironmentBlockedError for any other application's, leaving it as it is."""
    header = _first_bytes(path)
    if not header:
        _mark(path)
    elif not _is_marked(path, header) and not _is_taken_over(path):
        raise _foreign(path)


def is_ours(path: Path) -> bool:
    """False where there is nothing yet, or nothing in it; raises EnvironmentBlockedError for another application's."""
    header = _first_bytes(path)
    if not header:
        return False
    is_marked = _is_marked(path, header)
    if not is_marked and _table(path) is not None:
        raise _foreign(path)
    return is_marked


def _is_marked(path: Path, header: bytes) -> bool:
    if not header.startswith(_MAGIC):
        raise EnvironmentBlockedError(f"{path}: this is not an Autopack database: point AUTOPACK_DATABASE_URL at a file of its own.")
    return int.from_bytes(header[_AT], "big") == APPLICATION_ID


def _foreign(path: Path) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(
        f"{path}: this database belongs to another application ({_contents(path)}): point AUTOPACK_DATABASE_URL at a file of its own."
    )


def _first_bytes(path: Path) -> bytes:
    """Reads through a descriptor that is never closed.

    A close would end the locks of every connection that this process has to the file: another process would take itself for the last one
    and remove the write-ahead log that is still written here
    (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
    """
    if not path.exists():
        return b""
    found = path.stat()
    return os.pread(_descriptor(path, found.st_dev, found.st_ino), _AT.stop, 0)


@cache
def _descriptor(path: Path, _device: int, _inode: int) -> int:
    """One for each file that was ever looked at."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _mark(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    finally:
        connection.close()


def _is_taken_over(path: Path) -> bool:
    """Marks an empty, unmarked file: a start that died while it made the file may have left it so.

    SQLite itself looks, since only it knows what its journals still hold. A file with somebody else's tables is not opened to write.
    """
    if _table(path) is not None:
        return False
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        is_new = mark == 0 and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
        if is_new:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
        return is_new or mark == APPLICATION_ID
    finally:
        connection.close()


def _contents(path: Path) -> str:
    table = _table(path)
    return f"it has a table '{table}'" if table else "it is not marked as ours"


def _table(path: Path) -> str | None:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1").fetchall()
    finally:
        connection.close()
    return str(names[0][0]) if names else None
