"""Brings relative links up to date after a move, and says which of them lead nowhere. Pure."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from autopack.docs_archive.document import Syntax
from autopack.docs_archive.markdown import Span, links_in

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_RST: Final = (
    re.compile(r"`[^`<]*<([^<>`\s][^<>`]*)>`__?"),
    re.compile(r"^\.\. _[^:\n]+:[ \t]+(\S+)", re.MULTILINE),
    re.compile(r"^[ \t]*\.\. (?:\|[^|\n]+\| )?(?:image|figure|include|literalinclude)::[ \t]+(\S+)", re.MULTILINE),
)
_SAFE: Final = "/~@:+,;=!$&'*-._"


@dataclass(frozen=True)
class Place:
    """Where a document went: its section of a page. ``headings``: the document's own anchors -> those of the page."""

    page: str
    anchor: str
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """A link that led nowhere before anything was moved; it is left as it is."""

    path: str
    line: int
    target: str


@dataclass(frozen=True)
class Moves:
    """``documents``: what moves, and where to. ``folders``: those that become empty, and where what they held is kept.

    ``exists`` tells of a path whether something was there before the move.
    """

    documents: Mapping[str, Place]
    folders: Mapping[str, str]
    exists: Callable[[str], bool]


@dataclass(frozen=True)
class Relinked:
    text: str
    rewritten: int
    broken: tuple[Broken, ...]


def relink(text: str, syntax: Syntax, old: str, new: str, moves: Moves) -> Relinked:
    """The text of the file ``old`` with its links as they have to be in the file ``new``, which may be the same."""
    parts: list[str] = []
    broken: list[Broken] = []
    last = rewritten = 0
    for start, end in targets_in(text, syntax):
        target = text[start:end]
        found = _renewed(target, old, new, moves)
        if found is None:
            broken.append(Broken(old, text.count("\n", 0, start) + 1, target))
        elif found != target:
            parts += [text[last:start], found]
            last, rewritten = end, rewritten + 1
    return Relinked("".join([*parts, text[last:]]), rewritten, tuple(broken))


def targets_in(text: str, syntax: Syntax) -> Iterator[Span]:
    if syntax == "markdown":
        yield from links_in(text)
    elif syntax == "rst":
        yield from sorted({match.span(1) for pattern in _RST for match in pattern.finditer(text)})


def aim_of(target: str, file: str) -> tuple[str, str] | None:
    """The path that a link in a file leads to, from the root, and its query and fragment; None where it leads out of the repository."""
    plain = target[1:-1] if target.startswith("<") else target
    if not plain or _SCHEME.match(plain):
        return None
    path, rest = _split(plain)
    path = unquote(path, errors="surrogateescape")
    if "\0" in path:
        return None
    if not path:
        return (file, rest) if rest.startswith("#") else None
    aimed = posixpath.normpath(path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(file), path))
    return None if aimed == ".." or aimed.startswith("../") else (aimed, rest)


def way(from_file: str, to: str) -> str:
    """A relative path as a link spells it."""
    return _spelled(posixpath.relpath(to, posixpath.dirname(from_file) or "."))


def _renewed(target: str, old: str, new: str, moves: Moves) -> str | None:
    """The target as it has to be written now; None where it led nowhere."""
    aimed = aim_of(target, old)
    if aimed is None:
        return target
    path, rest = aimed
    place = moves.documents.get(path)
    if place is not None:
        fragment = rest.removeprefix("#")
        anchor = place.headings.get(unquote(fragment).lower(), place.anchor) if rest.startswith("#") and fragment else place.anchor
        return _as_written(target, new, place.page, f"#{anchor}")
    if path in moves.folders:
        return _as_written(target, new, moves.folders[path], rest)
    if not moves.exists(path):
        return None
    if old == new or target.lstrip("<").startswith("/"):
        return target
    return _as_written(target, new, path, rest)


def _as_written(target: str, new: str, path: str, rest: str) -> str:
    """The new path in the form of the old one: from the root or relative, in brackets or escaped."""
    if path == new and rest:
        found = rest
    elif target.lstrip("<").startswith("/"):
        found = f"/{_spelled(path)}{rest}"
    else:
        slash = "/" if target.strip("<>").partition("#")[0].endswith("/") else ""
        found = f"{way(new, path)}{slash}{rest}"
    return f"<{found}>" if target.startswith("<") else found


def _spelled(path: str) -> str:
    return quote(path, safe=_SAFE, errors="surrogateescape")


def _split(target: str) -> tuple[str, str]:
    at = min((found for found in (target.find("#"), target.find("?")) if found >= 0), default=len(target))
    return target[:at], target[at:]
