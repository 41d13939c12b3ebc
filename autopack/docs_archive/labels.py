"""Keeps link labels and footnotes of documents that share a page apart: ``[1]: x`` of one is not ``[1]: y`` of another. Pure."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from autopack.docs_archive.markdown import Span, code_of

_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\[\]\n]+)\]:", re.MULTILINE)
_REFERENCE: Final = re.compile(r"(?<=\])\[([^\[\]\n]+)\]")
_SHORTCUT: Final = re.compile(r"(?<![\]\\])\[([^\[\]\n]+)\](?:\[\])?(?![\[(])")


def with_own_labels(text: str, taken: AbstractSet[str], mark: str) -> str:
    """The text, in which each label of its own that is taken has ``-<mark>`` behind it, where it is defined and where it is used."""
    shared = labels_of(text) & taken
    if not shared:
        return text
    parts: list[str] = []
    last = 0
    for (start, end), renamed in sorted(_renamed(text, shared, mark).items()):
        parts += [text[last:start], renamed]
        last = end
    return "".join([*parts, text[last:]])


def labels_of(text: str) -> set[str]:
    """The labels that a text defines."""
    code = code_of(text)
    return {_folded(found[1]) for found in _DEFINITION.finditer(text) if not code.holds(found.start(1))}


def _renamed(text: str, shared: set[str], mark: str) -> dict[Span, str]:
    code = code_of(text)
    renamed: dict[Span, str] = {}
    seen: set[int] = set()
    for pattern in (_DEFINITION, _REFERENCE, _SHORTCUT):
        for found in pattern.finditer(text):
            if found.start(1) in seen or code.holds(found.start(1)) or _folded(found[1]) not in shared:
                continue
            seen.add(found.start(1))
            if pattern is _SHORTCUT and not found[1].startswith("^"):
                renamed[found.span()] = f"[{found[1]}][{found[1]}-{mark}]"
            else:
                renamed[found.span(1)] = f"{found[1]}-{mark}"
    return renamed


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()
