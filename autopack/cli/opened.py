"""A repository's state for as long as a command looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.core.clock import Clock
from autopack.executor.place import Place, open_place


@contextmanager
def opened(repo: Path, clock: Clock) -> Iterator[Place]:
    """Raises EnvironmentBlockedError where there is no usable repository."""
    place = open_place(repo, clock, makes=False)
    try:
        yield place
    finally:
        place.database.close()
