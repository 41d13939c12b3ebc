"""An archive while documents come into it: their entries, their places on its pages, the files as they are to be. Pure."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from autopack.core.names import slug
from autopack.core.settings import DocumentKind
from autopack.docs_archive.alike import groups_of
from autopack.docs_archive.document import Catalogue, Document, Entry, Sorted, Syntax
from autopack.docs_archive.labels import labels_of, with_own_labels
from autopack.docs_archive.links import Broken, Moves, Place, relink
from autopack.docs_archive.markdown import headings_of, slug_of
from autopack.docs_archive.pages import (
    CATALOGUE,
    INDEX,
    SUPERSEDED,
    contents_of,
    index_lines,
    new_index,
    new_page,
    page_name,
    section,
    title_of,
    with_contents,
)


@dataclass(frozen=True)
class Change:
    """``before`` and ``after`` are a file's bytes, None where there is none; git knows of those that are ``is_tracked``."""

    path: str
    before: bytes | None
    after: bytes | None
    is_tracked: bool
    permissions: int = 0o644


@dataclass(frozen=True)
class Archive:
    """One archive as it stands. ``pages`` are the texts of its pages and its index, ``settled`` the documents it has sections of."""

    folder: str
    project: str
    is_tracked: bool
    catalogue: Catalogue = field(default_factory=Catalogue)
    files: Mapping[str, bytes] = field(default_factory=dict)
    settled: Mapping[str, Document] = field(default_factory=dict)


@dataclass(frozen=True)
class Moved:
    """What became of one document: ``archive`` and ``entry`` say where it is."""

    sorted: Sorted
    archive: str
    entry: Entry


@dataclass(frozen=True)
class Told:
    rewritten: int = 0
    broken: tuple[Broken, ...] = ()


@dataclass
class Filling:
    """An archive while documents come in."""

    archive: Archive
    documents: list[Sorted]
    moved: list[Moved] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def enter(self, alike: float, exists: Callable[[str], bool]) -> None:
        """Gives every document its entry, and its place on a page."""
        self.taken = {CATALOGUE, *(entry.kept for entry in self.archive.catalogue.entries)}
        sorted_of = {one.document.path: one for one in self.documents}
        settled = self._settled()
        for kind in dict.fromkeys(one.kind for one in self.documents):
            known = settled[kind]
            found = [one.document for one in self.documents if one.kind == kind]
            for group in groups_of([document for document, _ in known], found, alike):
                first = next((entry for document, entry in known if document is group.first), None)
                if first is None:
                    first = self._entry(sorted_of[group.first.path], exists)
                for document, figure in group.merged:
                    self._entry(sorted_of[document.path], exists, (first.kept, figure))
            self._place(kind)

    def written(self, moves: Moves) -> Iterator[tuple[Change, Told]]:
        """The copies of the documents first, then the pages, the index, and last the catalogue."""
        for one in self.moved:
            document = one.sorted.document
            path = f"{self.archive.folder}/{one.entry.kept}"
            yield Change(path, None, document.data, self.archive.is_tracked, document.permissions), Told()
        entries = (*self.archive.catalogue.entries, *(one.entry for one in self.moved))
        for kind in dict.fromkeys(one.entry.kind for one in self.moved):
            text, told = self._page(kind, moves)
            yield self._change(page_name(kind), with_contents(text, contents_of(kind, entries))), told
        index = self._text(INDEX) or new_index(self.archive.project)
        yield self._change(INDEX, with_contents(index, index_lines(entries))), Told()
        catalogue = Catalogue(entries=entries).model_dump(mode="json")
        yield self._change(CATALOGUE, json.dumps(catalogue, ensure_ascii=False, indent=1) + "\n"), Told()

    def _settled(self) -> dict[DocumentKind, list[tuple[Document, Entry]]]:
        found: dict[DocumentKind, list[tuple[Document, Entry]]] = defaultdict(list)
        for entry in self.archive.catalogue.entries:
            if entry.merged_into is None and entry.kept in self.archive.settled:
                found[entry.kind].append((self.archive.settled[entry.kept], entry))
        return found

    def _entry(self, one: Sorted, exists: Callable[[str], bool], merged: tuple[str, float] | None = None) -> Entry:
        document = one.document
        entry = Entry(
            source=document.path,
            kind=one.kind,
            title=title_of(document),
            date=document.date,
            sha256=document.sha256,
            kept=self._free(document.path, document.sha256, exists),
            anchor=f"doc-{slug(document.path)[:48].rstrip('-._')}-{document.sha256[:8]}",
            merged_into=merged[0] if merged else None,
            likeness=merged[1] if merged else None,
        )
        self.moved.append(Moved(one, self.archive.folder, entry))
        return entry

    def _free(self, path: str, sha256: str, exists: Callable[[str], bool]) -> str:
        """A path below ``superseded`` that nothing has and nothing lies below; with a folder of its own before it where one has."""
        kept = f"{SUPERSEDED}/{path}"
        for number in count(1):
            is_above = any(other.startswith(f"{kept}/") for other in self.taken)
            if not (is_above or kept in self.taken or self.taken & set(parents_of(kept)) or exists(f"{self.archive.folder}/{kept}")):
                break
            kept = f"{SUPERSEDED}/{sha256[:8]}-{number}/{path}"
        self.taken.add(kept)
        return kept

    def _place(self, kind: DocumentKind) -> None:
        """Where each document of a kind is found, and what its headings are called on the page that it shares with others."""
        page = f"{self.archive.folder}/{page_name(kind)}"
        counted: dict[str, int] = {}
        for heading in headings_of(self._text(page_name(kind)) or new_page(kind)):
            slug_of(heading, counted)
        of_kind = [one for one in self.moved if one.entry.kind == kind]
        for one in of_kind:
            if one.entry.merged_into is None:
                own: dict[str, int] = {}
                document = one.sorted.document
                headings = headings_of(document.text) if document.syntax == "markdown" else []
                slugs = {slug_of(heading, own): slug_of(heading, counted) for heading in headings}
                self.places[one.entry.source] = Place(page, one.entry.anchor, slugs)
        anchors = {entry.kept: entry.anchor for entry in self.archive.catalogue.entries}
        kept = {one.entry.kept: self.places[one.entry.source] for one in of_kind if one.entry.merged_into is None}
        for one in of_kind:
            into = one.entry.merged_into
            if into is not None:
                self.places[one.entry.source] = kept[into] if into in kept else Place(page, anchors[into])

    def _page(self, kind: DocumentKind, moves: Moves) -> tuple[str, Told]:
        name = page_name(kind)
        page, told = self._text(name) or new_page(kind), Told()
        labels = labels_of(page)
        for one in self.moved:
            if one.entry.kind == kind and one.entry.merged_into is None:
                document = one.sorted.document
                found = relink(document.text, _relinked_syntax(document), document.path, f"{self.archive.folder}/{name}", moves)
                body = with_own_labels(found.text, labels, document.sha256[:8]) if document.syntax == "markdown" else found.text
                page += section(one.entry, document, body)
                labels |= labels_of(body) if document.syntax == "markdown" else set()
                told = Told(told.rewritten + found.rewritten, (*told.broken, *found.broken))
        return page, told

    def _text(self, name: str) -> str | None:
        data = self.archive.files.get(name)
        return data.decode("utf-8", "surrogateescape") if data is not None else None

    def _change(self, name: str, text: str) -> Change:
        path = f"{self.archive.folder}/{name}"
        return Change(path, self.archive.files.get(name), text.encode("utf-8", "surrogateescape"), self.archive.is_tracked)


def _relinked_syntax(document: Document) -> Syntax:
    """A text that is quoted in a block has no links there."""
    return "markdown" if document.syntax == "markdown" else "text"


def parents_of(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
