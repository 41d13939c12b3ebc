"""Files of a commit as a model may be shown them beyond what was chosen for it: never secrets, binaries or what tools wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from autopack.context.drafts import read_drafts
from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.scope import Scope
from autopack.edits.protected import never_allowed
from autopack.worktree.grep import Hits


class Search(Protocol):
    """Gives the lines that hold a pattern, at or below these paths; ``is_word``: a plain whole word."""

    def __call__(self, pattern: str, paths: Sequence[str] = (), *, is_word: bool = False) -> Hits: ...


def no_search(pattern: str, paths: Sequence[str] = (), *, is_word: bool = False) -> Hits:  # noqa: ARG001 - as Search
    return Hits()


@dataclass(frozen=True)
class Looker:
    """Where it is looked, and for how many characters."""

    tree: TreeReader
    phase: PhaseSpec
    redactor: Redactor
    characters: int
    search: Search = no_search

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.phase.scope.paths, self.phase.scope.read_only_context)


def wanted(path: str, looker: Looker) -> Wanted:
    scope = looker.scope
    return Wanted(path, scope.names_exactly(path), is_read_only=not scope.allows(path))


def may_be_read(path: str, looker: Looker) -> bool:
    """As far as its name, mode and size say it."""
    return never_allowed(path) is None and note_by_name(wanted(path, looker), looker.tree.entries[path]) is None


def lines_of(paths: Sequence[str], looker: Looker) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The lines of each file as they may be shown, and why those of the others may not; read in one go."""
    files = [wanted(path, looker) for path in paths]
    notes = {file.path: note for file in files if (note := note_by_name(file, looker.tree.entries[file.path]))}
    drafts = read_drafts([file for file in files if file.path not in notes], looker.tree, notes)
    return {draft.file.path: looker.redactor.redact(draft.text).removesuffix("\n").split("\n") for draft in drafts}, notes
