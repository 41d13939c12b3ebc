"""Tells whether an error means a full disk: the system's own, SQLite's or git's, however deep in its causes."""

import errno
import re
import sqlite3
from collections.abc import Iterator
from typing import Final

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_SQLITE: Final = ("SQLITE_FULL", "SQLITE_IOERR")
"""SQLite's errors for a full disk; some file systems only say that writing failed."""
_WORDS: Final = re.compile(r"No space left on device|Disk quota exceeded|[Uu]nable to write")
"""What programs print when a disk is full."""


def is_disk_full(error: BaseException) -> bool:
    """May take a failing disk for a full one; that costs nothing but the spare file."""
    return any(_says_so(cause) for cause in _causes(error))


def _says_so(error: BaseException) -> bool:
    match error:
        case OSError():
            return error.errno in FULL
        case sqlite3.Error():
            return str(getattr(error, "sqlite_errorname", "")).startswith(_SQLITE)
        case _:
            return _WORDS.search(str(error)) is not None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
