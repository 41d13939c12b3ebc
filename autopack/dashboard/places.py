"""The repositories that a server shows, and the state of each as it is at the moment of asking."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError, UnknownNameError
from autopack.core.names import nearest
from autopack.dashboard.read_plans import ReadPlans
from autopack.executor.project_state import ProjectState, state_of
from autopack.worktree.repository import Repository


@dataclass(frozen=True)
class Place:
    """One repository; ``name`` tells it from the others of this server. ``environment`` holds the keys too."""

    name: str
    repository: Repository
    environment: Mapping[str, str]
    clock: Clock
    plans: ReadPlans = field(default_factory=ReadPlans)

    @contextmanager
    def looking(self) -> Iterator[ProjectState]:
        """The state for whoever only looks: nothing is made, upgraded or locked. Raises EnvironmentBlockedError."""
        if not self.repository.common_dir.is_dir():
            raise EnvironmentBlockedError(f"{self.repository.top} is there no more; start the server again where the repository is now.")
        with _closed(state_of(self.repository, self.environment, self.clock, only_looks=True)) as project:
            yield project

    @contextmanager
    def steering(self) -> Iterator[ProjectState]:
        """The state for a person's verb on a run that is there. Raises EnvironmentBlockedError."""
        with _closed(state_of(self.repository, self.environment, self.clock)) as project:
            yield project


@dataclass(frozen=True)
class Places:
    """In the order that they were given in."""

    all: tuple[Place, ...]

    @classmethod
    def of(cls, folders: Sequence[Path], environments: tuple[Mapping[str, str], Mapping[str, str]], clock: Clock) -> "Places":
        """``environments``: with keys, and what git inherits. Raises EnvironmentBlockedError for a folder that is no usable repository."""
        own, inherited = environments
        found: dict[Path, Place] = {}
        for folder in folders:
            repository = Repository.discover(folder, inherited)
            if repository.common_dir not in found:
                name = _name_of(repository.top, {place.name for place in found.values()})
                found[repository.common_dir] = Place(name, repository, own, clock)
        return cls(tuple(found.values()))

    def chosen(self, name: str | None) -> Place:
        """The one of that name, or the first. Raises UnknownNameError for a name that no repository has."""
        return self.all[0] if name is None else self.named(name)

    def named(self, name: str) -> Place:
        """Raises UnknownNameError for a name that no repository has."""
        place = next((place for place in self.all if place.name == name), None)
        if place is None:
            names = [place.name for place in self.all]
            raise UnknownNameError(f"this server shows no repository '{name}'; there are {', '.join(names)}.", nearest(name, names))
        return place


@contextmanager
def _closed(project: ProjectState) -> Iterator[ProjectState]:
    try:
        yield project
    finally:
        project.database.close()


def _name_of(top: Path, taken: set[str]) -> str:
    """The folder's name, with a number where another repository has it already."""
    name, number = top.name or "repository", 2
    while name in taken:
        name, number = f"{top.name}-{number}", number + 1
    return name
