"""Turns SQLite's errors that are the machine's into sentences with what to do; lets any other error pass as a defect."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from autopack.core.errors import EnvironmentBlockedError

_SAID: Final[dict[str, str]] = {
    "SQLITE_BUSY": "another process keeps it locked ({holder}); end that one, then resume",
    "SQLITE_LOCKED": "another process keeps it locked ({holder}); end that one, then resume",
    "SQLITE_FULL": "the disk is full; make room, then resume",
    "SQLITE_IOERR": "the disk cannot be read or written, or is full; make room or look at the disk, then resume",
    "SQLITE_READONLY": "it cannot be written; give write access to it and its folder, then resume",
    "SQLITE_CANTOPEN": "it cannot be opened; give write access to it and its folder, then resume",
    "SQLITE_CORRUPT": "it is damaged; put a sound copy in its place, or move it away: what landed is on the runs' branches",
    "SQLITE_NOTADB": "it is damaged; put a sound copy in its place, or move it away: what landed is on the runs' branches",
}
"""Sentences by the beginning of SQLite's name for the error: ``SQLITE_IOERR_WRITE`` is an ``SQLITE_IOERR``."""
_LOCKED: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_LOCKS: Final = Path("/proc/locks")  # Linux's list of locks: opening and closing the file itself would release SQLite's own locks on it


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns the database's errors inside the block into sentences about ``path``.

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


def waiting_sentence(path: Path) -> str:
    return f"waiting: another process keeps the state database {path} locked ({_holder(path)}); end that one, and the run goes on"


def _sentence(path: Path, error: DBAPIError | sqlite3.Error) -> str | None:
    name = _name(error)
    said = next((text for beginning, text in _SAID.items() if name.startswith(beginning)), None)
    return f"the state database {path} is out of reach: {said.format(holder=_holder(path))}." if said else None


def _holder(path: Path) -> str:
    """Who keeps the database locked, or where to look for it."""
    with suppress(OSError, ValueError):
        files = {str(file.stat().st_ino) for file in (path, path.with_name(f"{path.name}-shm")) if file.exists()}
        for line in _LOCKS.read_text("ascii").splitlines():
            _, kind, _, access, pid, file, *_ = line.split()
            if kind == "POSIX" and access == "WRITE" and file.rpartition(":")[2] in files and int(pid) not in (os.getpid(), -1, 0):
                return f"{Path('/proc', pid, 'comm').read_text('utf-8', 'replace').strip()}, process {pid}"
    return f"lsof {path} says which"


def _name(error: DBAPIError | sqlite3.Error) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", ""))
