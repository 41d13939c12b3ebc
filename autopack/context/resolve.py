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
    may_change = Scope(scope.paths, scope.read_only_context)
    may_see = Scope(scope.read_only_context) if scope.read_only_context else None
    ordered = sorted(paths)
    editable, read_only = [], []
    for path in ordered:
        if may_change.allows(path) and not may_change.is_read_only(path):
            editable.append(Wanted(path, may_change.names_exactly(path), is_read_only=False))
        elif may_see and may_see.allows(path):
            read_only.append(Wanted(path, may_see.names_exactly(path), is_read_only=True))
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
