"""A change on its way: derived files, the candidate commit, the commit that landed."""

from autopack.core.model import Frozen


class DerivedFile(Frozen):
    """``blob`` is None where the tool deleted the file; ``mode`` is git's, e.g. ``100644``."""

    path: str
    blob: str | None
    mode: str = "100644"


class DerivedFiles(Frozen):
    files: tuple[DerivedFile, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(file.path for file in self.files)


class Candidate(Frozen):
    """A commit object on no branch; ``ref`` keeps it alive."""

    commit: str
    tree: str
    parent: str
    ref: str
    paths: tuple[str, ...]
    derived: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()  # what it opens towards the machine it runs on, as sentences


class Committed(Frozen):
    """A candidate that is on the run's branch."""

    commit: str
    tree: str
    branch: str
