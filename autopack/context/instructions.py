"""The project's own instructions for agents, read from the base commit: the plan's list, else AGENTS.md, else CLAUDE.md."""

import posixpath
from typing import Final

from autopack.context.allot import allot
from autopack.context.tree import TreeReader
from autopack.core.redaction import Redactor
from autopack.core.text import unix_text

DEFAULT_NAMES: Final = ("AGENTS.md", "CLAUDE.md")
_SYMLINK: Final = "120000"
_LINKS_FOLLOWED: Final = 4


def read_instructions(tree: TreeReader, named: tuple[str, ...] | None, redactor: Redactor, characters: int) -> tuple[tuple[str, str], ...]:
    """(path, text) of each, redacted; one that is longer than its share of the budget ends with a sentence that says so.

    ``named`` is the plan's list, where there is one; an empty list means none.
    """
    paths = named if named is not None else next(((name,) for name in DEFAULT_NAMES if name in tree.entries), ())
    found = [(path, _read(tree, path)) for path in dict.fromkeys(paths)]
    texts = [
        (path, redactor.redact(text.strip()) if text is not None else "[There is no such file in the base commit.]") for path, text in found
    ]
    shares = allot([len(text) for _, text in texts], characters)
    return tuple((path, _cut(text, share)) for (path, text), share in zip(texts, shares, strict=True))


def _read(tree: TreeReader, path: str) -> str | None:
    """The file's text, through symbolic links that stay in the tree."""
    for _ in range(_LINKS_FOLLOWED):
        entry = tree.entries.get(path)
        text = tree.texts((path,)).get(path) if entry else None
        if entry is None or text is None:
            return None
        if entry.mode != _SYMLINK:
            return unix_text(text.text)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), text.text))
    return None


def _cut(text: str, characters: int) -> str:
    if len(text) <= characters:
        return text
    kept = text[:characters].rpartition("\n")[0]
    return f"{kept}\n[Cut here: {len(text) - len(kept):,} more characters do not fit.]"
