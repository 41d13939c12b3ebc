"""Opens a repository's state for as long as a command looks at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.core.clock import Clock
from autopack.executor.project_state import ProjectState, open_project


@contextmanager
def opened(repo: Path, clock: Clock) -> Iterator[ProjectState]:
    """Raises EnvironmentBlockedError where there is no usable repository."""
    project = open_project(repo, clock, makes=False)
    try:
        yield project
    finally:
        project.database.close()
