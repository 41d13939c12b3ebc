"""Locks the repository: processes move refs or register work trees one after the other."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.disk_trouble import disk_trouble

_PAUSE_S = 0.02


@contextmanager
def exclusive(file: Path, *, wait_s: float, sleep: Callable[[float], None]) -> Iterator[int]:
    """Holds a lock on ``file`` (made if need be) and gives its descriptor.

    The lock ends with the last process that has the descriptor, so a git that outlives a killed Autopack still holds it.

    Raises:
        EnvironmentBlockedError: somebody else held it for ``wait_s``.
    """
    with disk_trouble(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        waited = 0.0
        while not _is_taken(descriptor):
            if waited >= wait_s:
                raise EnvironmentBlockedError(f"Another Autopack held {file} for {wait_s:g} s. Wait for it or end it, then resume.")
            sleep(_PAUSE_S)
            waited += _PAUSE_S
        yield descriptor
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
