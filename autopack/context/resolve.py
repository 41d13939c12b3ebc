"""Which files of the tree a phase's scope names, which of them are read-only, and what does not exist yet."""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass

from autopack.core.plan import PhaseScope
from autopack.core.scope import Scope
from autopack.edits.protected import never_allowed


@dataclass(frozen=True)
class Wanted:
    """A file that the phase may change or look at. ``is_literal``: an entry of the plan is exactly this path."""

    path: str
    is_literal: bool
    is_read_only: bool


@dataclass(frozen=True)
class Resolved:
    editable: tuple[Wanted, ...]
    read_only: tuple[Wanted, ...]
    new_paths: tuple[str, ...]


def resolve(scope: PhaseScope, paths: Collection[str]) -> Resolved:
    """Lays the scope's entries over the tree's paths; everything comes back in the order of the paths."""
    may_change, may_see = Scope(scope.paths, scope.read_only_context), Scope(scope.read_only_context)
    ordered = sorted(paths)
    mine = [path for path in may_change.among(ordered) if not may_change.is_read_only(path)]
    taken = frozenset(mine)
    editable = [Wanted(path, may_change.names_exactly(path), is_read_only=False) for path in mine]
    read_only = [Wanted(path, may_see.names_exactly(path), is_read_only=True) for path in may_see.among(ordered) if path not in taken]
    new = tuple(entry for entry in dict.fromkeys(scope.paths) if "*" not in entry and not _exists(entry, ordered))
    return Resolved(_lawful(editable), _lawful(read_only), new)


def _lawful(files: list[Wanted]) -> tuple[Wanted, ...]:
    return tuple(file for file in files if never_allowed(file.path) is None)


def _exists(entry: str, ordered: list[str]) -> bool:
    """Whether a literal entry is a file of the tree or has one below it."""
    entry = entry.removeprefix("./")
    if entry in ("", "."):
        return True
    directory = entry if entry.endswith("/") else entry + "/"
    below = bisect_left(ordered, directory)
    is_directory = below < len(ordered) and ordered[below].startswith(directory)
    at = bisect_left(ordered, entry)
    return is_directory or (at < len(ordered) and ordered[at] == entry)
