"""Lets one process at a time work on a run: it holds a flock, which the system lets go when the process dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError, LockedError

_TRIES: Final = 40
_PAUSE_S: Final = 0.005


@contextmanager
def run_lock(folder: Path, run_id: str) -> Iterator[None]:
    """Holds the run's lock; raises LockedError where another process has it."""
    descriptor = _open(folder, run_id)
    try:
        if not _take(descriptor):
            raise LockedError(
                f"run '{run_id}' is already being worked on by process {_owner(descriptor)}; wait for it or end it first.",
                next_command=f"autopack status {run_id} --watch",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_alive(folder: Path, run_id: str) -> bool:
    """Whether some process holds the run's lock right now."""
    if not (folder / f"{run_id}.lock").exists():
        return False
    descriptor = _open(folder, run_id)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int) -> bool:
    """Tries for a fifth of a second: a process that only asks whether the owner lives holds the lock for an instant."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_S)
        else:
            return True
    return False


def _open(folder: Path, run_id: str) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return os.open(folder / f"{run_id}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise EnvironmentBlockedError(f"{folder}: the run's lock cannot be made: {error.strerror}.") from error


def _owner(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
