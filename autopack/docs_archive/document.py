"""A document as it was found, where it belongs, and what the catalogue of an archive keeps of it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final, Literal

from autopack.core.model import Frozen
from autopack.core.settings import DocumentKind
from autopack.core.text import Decoded, decode

Syntax = Literal["markdown", "rst", "text"]

SYNTAXES: Final[dict[str, Syntax]] = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    ".rst": "rst",
    ".txt": "text",
}
"""What a file is by the end of its name; any other is no document."""


def syntax_of(path: str) -> Syntax | None:
    return SYNTAXES.get(PurePosixPath(path).suffix.lower())


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Document:
    """``date`` is the day of its last commit, or of its last change where git does not know it: ``2026-03-01``."""

    path: str
    data: bytes
    is_tracked: bool
    date: str
    permissions: int = 0o644

    @property
    def is_text(self) -> bool:
        return decode(self.data) is not None

    @cached_property
    def decoded(self) -> Decoded:
        """Raises ValueError where the bytes are no text, which ``is_text`` tells beforehand."""
        found = decode(self.data)
        if found is None:
            raise ValueError(f"{self.path} is no text")
        return found

    @property
    def text(self) -> str:
        """Without its byte-order mark, else as it is, line ends too."""
        return self.decoded.text.removeprefix("\ufeff")

    @cached_property
    def sha256(self) -> str:
        return sha256_of(self.data)

    @property
    def syntax(self) -> Syntax:
        return syntax_of(self.path) or "text"


@dataclass(frozen=True)
class Sorted:
    """``why`` names the rule that applied."""

    document: Document
    project: str
    kind: DocumentKind
    why: str


class Entry(Frozen):
    """One document of an archive. ``merged_into`` is the source that stands for it, ``likeness`` how alike the two are."""

    source: str
    kind: DocumentKind
    title: str
    date: str
    sha256: str
    kept: str
    anchor: str
    merged_into: str | None = None
    likeness: float | None = None


class Catalogue(Frozen):
    """What an archive holds, in the order in which it came. Paths but ``source`` are relative to it."""

    catalogue: Literal[1] = 1
    entries: tuple[Entry, ...] = ()
