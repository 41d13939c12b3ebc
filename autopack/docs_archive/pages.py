"""Writes the pages of an archive: a section for each document, the table of contents, the index. Pure.

A page that is there already is added to. Of what a person wrote into it only the table of contents, between its marks, is written anew.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from autopack.core.markdown_text import block, code, plain
from autopack.core.settings import DocumentKind
from autopack.core.visible import spelled
from autopack.docs_archive.document import Document, Entry
from autopack.docs_archive.links import way
from autopack.docs_archive.markdown import code_of, headings_of

BEGIN: Final = "<!-- autopack: contents, written anew by consolidate-docs -->"
END: Final = "<!-- autopack: end of contents -->"

TITLES: Final[dict[DocumentKind, tuple[str, str]]] = {
    "debug": ("Debugging", "What went wrong, why, and what was done about it."),
    "build": ("Building", "How things were built, set up and brought out."),
    "strategy": ("Strategy", "Plans, decisions and what speaks for them."),
    "reference": ("Reference", "What to look up."),
}
INDEX: Final = "ARCHIVE_INDEX.md"
SUPERSEDED: Final = "superseded"
CATALOGUE: Final = f"{SUPERSEDED}/catalogue.json"

_LONGEST: Final = 100


def page_name(kind: DocumentKind) -> str:
    return f"CONSOLIDATED_{kind.upper()}.md"


def title_of(document: Document) -> str:
    """The first heading, else the first line of a text that has a rule below it, else the file's name."""
    name = document.path.rpartition("/")[2]
    if document.syntax == "markdown":
        found = next((heading for heading in headings_of(document.text) if heading), name)
    elif document.syntax == "rst":
        match = re.search(r"^([^\s.=~^\"'`#*+:<>_-].*)\r?\n([=~^\"'`#*+:<>_-])\2{2,}[ \t]*\r?$", document.text, re.MULTILINE)
        found = match[1].strip() if match else name
    else:
        found = name
    return spelled(found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…")


def section(entry: Entry, document: Document, body: str) -> str:
    """``body`` is the document's text with its links as they have to be on the page."""
    original = way(page_name(entry.kind), entry.kept)
    source = f"> {plain(entry.title)}: [{code(entry.source)}]({original}), {entry.date}{_encoding(document)}"
    return f'\n---\n\n<a id="{entry.anchor}"></a>\n\n{source}\n\n{_framed(document, body)}'


def new_page(kind: DocumentKind) -> str:
    title, about = TITLES[kind]
    kept = (
        f"Each section is a document as it was written, with its links brought up to date; the files lie in [{SUPERSEDED}/]({SUPERSEDED}/)."
    )
    return f"# {title}\n\n{about} {kept}\n\n{BEGIN}\n{END}\n"


def new_index(project: str) -> str:
    return f"# Documents of {plain(project)}\n\n{BEGIN}\n{END}\n"


def with_contents(page: str, lines: Iterable[str]) -> str:
    """The page with these lines between its marks; a page without marks gets them at its end."""
    block = "\n".join([BEGIN, "", *lines, "", END]).replace("\n\n\n", "\n\n")
    start = page.find(BEGIN)
    end = page.find(END, start) if start >= 0 else -1
    if end < 0:
        return f"{page.rstrip()}\n\n{block}\n" if page.strip() else f"{block}\n"
    return page[:start] + block + page[end + len(END) :]


def contents_of(kind: DocumentKind, entries: Sequence[Entry]) -> Iterator[str]:
    """The table of contents of a page."""
    for entry in entries:
        if entry.kind == kind and entry.merged_into is None:
            yield f"- [{plain(entry.title)}](#{entry.anchor}), from {code(entry.source)}, {entry.date}"
            yield from _merged(entry, entries)


def index_lines(entries: Sequence[Entry]) -> Iterator[str]:
    for kind, (title, _) in TITLES.items():
        of_kind = [entry for entry in entries if entry.kind == kind and entry.merged_into is None]
        if of_kind:
            yield from ("", f"## [{title}]({page_name(kind)})", "")
        for entry in of_kind:
            page, original = page_name(kind), way(INDEX, entry.kept)
            yield f"- [{plain(entry.title)}]({page}#{entry.anchor}), from [{code(entry.source)}]({original}), {entry.date}"
            yield from _merged(entry, entries)


def _merged(entry: Entry, entries: Sequence[Entry]) -> Iterator[str]:
    for other in entries:
        if other.merged_into == entry.kept:
            figure = "the same" if other.likeness == 1 else f"{other.likeness or 0:.0%} alike"
            original = way(INDEX, other.kept)
            yield f"  - [{code(other.source)}]({original}), {other.date}, is {figure} and was merged"


def _framed(document: Document, body: str) -> str:
    """Markdown as it is, its front matter in a block of its own; anything else in one block, so that it is shown as it was written."""
    if document.syntax != "markdown":
        return block(body, "rst" if document.syntax == "rst" else "text")
    code_found = code_of(body)
    front, rest = body[: code_found.front_matter_end], _ended(body[code_found.front_matter_end :])
    return (block(front, "yaml" if front.startswith("-") else "toml") + "\n" if front else "") + rest + code_found.open_end


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _encoding(document: Document) -> str:
    return ", from Latin-1" if document.decoded.encoding == "latin-1" else ""
