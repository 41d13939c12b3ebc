"""Errors of SQLite that are the machine's, each as a sentence with what to do; any other one is a defect and passes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from autopack.core.errors import EnvironmentBlockedError

_SAID: Final[dict[str, str]] = {
    "SQLITE_BUSY": "another process keeps it locked; look which (lsof {path}), end that one, then resume",
    "SQLITE_LOCKED": "another process keeps it locked; look which (lsof {path}), end that one, then resume",
    "SQLITE_FULL": "the disk is full; make room, then resume",
    "SQLITE_IOERR": "the disk cannot be read or written, or is full; make room or look at the disk, then resume",
    "SQLITE_READONLY": "it cannot be written; give write access to it and its folder, then resume",
    "SQLITE_CANTOPEN": "it cannot be opened; give write access to it and its folder, then resume",
    "SQLITE_CORRUPT": "it is damaged; put a sound copy in its place, or move it away: what landed is on the runs' branches",
    "SQLITE_NOTADB": "it is damaged; put a sound copy in its place, or move it away: what landed is on the runs' branches",
}
"""By the beginning of SQLite's name for the error: ``SQLITE_IOERR_WRITE`` is an ``SQLITE_IOERR``."""
_LOCKED: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")


@contextmanager
def machine_trouble(path: Path) -> Iterator[None]:
    """Tells what befell the database at ``path`` within.

    Raises:
        EnvironmentBlockedError: it stayed locked, its disk is full, it cannot be written, it is damaged.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        sentence = _sentence(path, error)
        if sentence is None:
            raise
        raise EnvironmentBlockedError(sentence) from error


def is_locked(error: BaseException) -> bool:
    """Whether the error says that another process kept the database locked."""
    cause = error.__cause__ if isinstance(error, EnvironmentBlockedError) else error
    return isinstance(cause, DBAPIError | sqlite3.Error) and _name(cause).startswith(_LOCKED)


def _sentence(path: Path, error: DBAPIError | sqlite3.Error) -> str | None:
    name = _name(error)
    said = next((text for beginning, text in _SAID.items() if name.startswith(beginning)), None)
    return f"the state database {path} is out of reach: {said.format(path=path)}." if said else None


def _name(error: DBAPIError | sqlite3.Error) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", ""))
