"""Plans a consolidation: which files are written, added to and taken away, and what is said of it. Pure, but for ``exists``."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autopack.docs_archive.document import Document, Sorted
from autopack.docs_archive.filling import Archive, Change, Filling, Moved, Told, parents_of
from autopack.docs_archive.links import Broken, Moves, Place, relink
from autopack.docs_archive.pages import SUPERSEDED, page_name


@dataclass(frozen=True)
class Consolidation:
    """``changes`` come in the order in which they are made: what is taken away goes last. ``moves`` are those of tracked files."""

    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    links_rewritten: int
    broken: tuple[Broken, ...]

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        tracked = (one for one in self.moved if one.sorted.document.is_tracked)
        return tuple((one.entry.source, f"{one.archive}/{one.entry.kept}") for one in tracked)


@dataclass(frozen=True)
class Given:
    """``staying`` are the files whose links may have to be rewritten; ``open_archive`` reads an archive of (project, is_tracked)."""

    documents: Sequence[Sorted]
    staying: Sequence[Document]
    open_archive: Callable[[str, bool], Archive]
    exists: Callable[[str], bool]
    is_empty_without: Callable[[str, frozenset[str]], bool]
    alike: float


def consolidate(given: Given) -> Consolidation:
    """Gives no change where there is no document."""
    by_archive: dict[tuple[str, bool], list[Sorted]] = defaultdict(list)
    for one in given.documents:
        by_archive[one.project, one.document.is_tracked].append(one)
    if not by_archive:
        return Consolidation((), (), 0, ())
    archives = [Filling(given.open_archive(*key), of_key) for key, of_key in sorted(by_archive.items())]
    for filling in archives:
        filling.enter(given.alike, given.exists)
    moves = _moves(archives, given)
    changes: list[Change] = []
    broken: list[Broken] = []
    rewritten = 0
    for filling in archives:
        for change, told in filling.written(moves):
            changes.append(change)
            broken += told.broken
            rewritten += told.rewritten
    for change, told in _staying(given.staying, moves):
        changes.append(change)
        rewritten += told.rewritten
    gone = [Change(one.document.path, one.document.data, None, one.document.is_tracked) for one in given.documents]
    moved = tuple(one for filling in archives for one in filling.moved)
    return Consolidation((*changes, *gone), moved, rewritten, tuple(broken))


def _moves(archives: Sequence[Filling], given: Given) -> Moves:
    """Documents of earlier consolidations are found too: a link to one of them leads to its section."""
    documents: dict[str, Place] = {}
    folders: dict[str, str] = {}
    for filling in archives:
        anchors = {entry.kept: entry.anchor for entry in filling.archive.catalogue.entries}
        for entry in filling.archive.catalogue.entries:
            if not given.exists(entry.source):
                page = f"{filling.archive.folder}/{page_name(entry.kind)}"
                documents[entry.source] = Place(page, anchors.get(entry.merged_into or "", entry.anchor))
    gone = frozenset(one.document.path for one in given.documents)
    for filling in archives:
        documents |= filling.places
        for one in filling.moved:
            for parent in parents_of(one.entry.source):
                if parent not in folders and given.is_empty_without(parent, gone):
                    folders[parent] = posixpath.join(filling.archive.folder, SUPERSEDED, parent)
    return Moves(documents, folders, given.exists)


def _staying(staying: Iterable[Document], moves: Moves) -> Iterator[tuple[Change, Told]]:
    for document in staying:
        text = document.decoded.text
        found = relink(text, document.syntax, document.path, document.path, moves)
        if found.rewritten:
            data = found.text.encode(document.decoded.encoding)
            yield Change(document.path, document.data, data, document.is_tracked, document.permissions), Told(found.rewritten)
