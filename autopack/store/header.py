"""Whose file it is: SQLite's header says so, and it is read before anything could be written."""

import sqlite3
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
    elif not header.startswith(_MAGIC):
        raise EnvironmentBlockedError(f"{path}: this is not an Autopack database: point AUTOPACK_DATABASE_URL at a file of its own.")
    elif int.from_bytes(header[_AT], "big") != APPLICATION_ID:
        raise EnvironmentBlockedError(
            f"{path}: this database belongs to another application ({_contents(path)}): point AUTOPACK_DATABASE_URL at a file of its own."
        )


def _first_bytes(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(_AT.stop)


def _mark(path: Path) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    finally:
        connection.close()


def _contents(path: Path) -> str:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' LIMIT 1").fetchall()
    finally:
        connection.close()
    return f"it has a table '{names[0][0]}'" if names else "it is not marked as ours"
