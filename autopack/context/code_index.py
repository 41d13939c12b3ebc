"""The functions of a commit as entries of the memory's ``code_docs``: of each blob once, and nothing that no model is shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from autopack.context.blocks import blocks_of
from autopack.context.resolve import Wanted
from autopack.context.unshown import note_by_name, note_by_text
from autopack.core.memory import Collection, Entry
from autopack.core.redaction import Redactor
from autopack.core.text import unix_text
from autopack.core.visible import one_name
from autopack.edits.protected import never_allowed
from autopack.store.database import Database
from autopack.store.memory import drop, kept_blobs, remember
from autopack.worktree.base_tree import BaseTree

_AT_ONCE: Final = 200
_TEXT_CHARACTERS: Final = 2_000
_LINES: Final = ":"


@dataclass(frozen=True)
class CodeIndex:
    """Where it is written, and for which project; ``redactor`` knows what no text may hold."""

    database: Database
    project: str
    redactor: Redactor


@dataclass(frozen=True)
class Indexed:
    """Files that were read, that stood in the index as they are, and that left it; ``entries`` were written."""

    read: int
    unchanged: int
    gone: int
    entries: int


def index_code(index: CodeIndex, tree: BaseTree, now: float, tell: Callable[[int, int], None]) -> Indexed:
    """Brings the index to the tree; ``tell`` is told how many files of how many are done. What is killed is gone on with."""
    wanted = {path: entry.oid for path, entry in tree.entries.items() if _may_be_shown(path, tree)}
    known = _blobs_by_path(index)
    gone = [path for path, (blob, _) in known.items() if wanted.get(path) != blob]
    with index.database.note() as session:
        drop(session.connection(), index.project, Collection.CODE_DOCS, [source for path in gone for source in known[path][1]])
    new = [path for path, blob in wanted.items() if path not in known or known[path][0] != blob]
    written = 0
    for first in range(0, len(new), _AT_ONCE):
        some = new[first : first + _AT_ONCE]
        texts = tree.texts(some)
        entries = [entry for path in some for entry in _entries(index, (path, wanted[path]), texts[path].text if path in texts else None)]
        with index.database.note() as session:
            remember(session.connection(), entries, now)
        written += len(entries)
        tell(min(len(new), first + _AT_ONCE), len(new))
    return Indexed(len(new), len(wanted) - len(new), sum(path not in wanted for path in gone), written)


def _may_be_shown(path: str, tree: BaseTree) -> bool:
    return never_allowed(path) is None and note_by_name(_asked(path), tree.entries[path]) is None


def _asked(path: str) -> Wanted:
    return Wanted(path, is_literal=False, is_read_only=True)


def _blobs_by_path(index: CodeIndex) -> dict[str, tuple[str, list[str]]]:
    """Path -> its blob and its sources."""
    found: dict[str, tuple[str, list[str]]] = {}
    for source, blob in kept_blobs(index.database, index.project, Collection.CODE_DOCS).items():
        found.setdefault(source.rpartition(_LINES)[0], (blob, []))[1].append(source)
    return found


def _entries(index: CodeIndex, file: tuple[str, str], text: str | None) -> Iterator[Entry]:
    """One for each block; a file that is no text, or that a tool wrote, has one without words, so that it is not read again."""
    path, blob = file
    place = {"project": index.project, "collection": Collection.CODE_DOCS, "blob": blob}
    if text is None or note_by_text(_asked(path), text):
        yield Entry(**place, source=f"{path}{_LINES}0", cue="", text="")
        return
    lines = index.redactor.redact(unix_text(text)).removesuffix("\n").split("\n")
    for block in blocks_of(path, lines):
        body = "\n".join(lines[block.first - 1 : block.last])[:_TEXT_CHARACTERS]
        yield Entry(**place, source=f"{path}{_LINES}{block.first}-{block.last}", cue=f"{one_name(path)} {' '.join(block.names)}", text=body)
