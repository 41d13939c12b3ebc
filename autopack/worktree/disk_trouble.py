"""Turns errors of the disk into sentences for the user: the machine is at fault, not Autopack."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError


@contextmanager
def disk_trouble(place: Path) -> Iterator[None]:
    """Turns the system's errors inside the block into a sentence about ``place``.

    Raises:
        EnvironmentBlockedError: the disk is full, read-only, or closed to this user.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or place
        reason = error.strerror or str(error)
        raise EnvironmentBlockedError(f"{where} cannot be read or written ({reason}). Make room or give access, then resume.") from error
