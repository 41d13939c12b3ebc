"""What stands around a change: of each function that a hunk touches, the lines that the diff does not show, as they are now."""

import re
from collections.abc import Iterator
from typing import Final

from autopack.context.symbols import Symbol, symbols_of
from autopack.context.tree import TreeReader
from autopack.context.windows import runs_of
from autopack.core.context import Excerpt
from autopack.core.redaction import Redactor
from autopack.core.text import unix_text
from autopack.core.tool_made import is_tool_made
from autopack.review.diff_text import FileDiff, split_diff

_HUNK: Final = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_LINES_MAX: Final = 150
"""A longer function is not shown: what matters of it stands in the diff."""


def around(diff: str, tree: TreeReader, redactor: Redactor) -> tuple[Excerpt, ...]:
    """In the order of the diff; ``tree`` is the candidate's."""
    files = [file for file in split_diff(diff) if file.path in tree.entries and not is_tool_made(file.path)]
    texts = tree.texts(tuple(file.path for file in files))
    return tuple(
        excerpt
        for file in files
        if file.path in texts
        for excerpt in _unseen(file, redactor.redact(unix_text(texts[file.path].text)).split("\n"))
    )


def _unseen(file: FileDiff, lines: list[str]) -> Iterator[Excerpt]:
    seen, changed = _lines_of(file.text)
    wanted: set[int] = set()
    for symbol in _touched(symbols_of(file.path, lines), changed):
        wanted.update(number for number in range(symbol.first_line, symbol.last_line + 1) if number not in seen)
    for first, last in runs_of(wanted):
        text = "\n".join(lines[first - 1 : last])
        if text.strip():
            yield Excerpt(attempt=0, path=file.path, first_line=first, text=text)


def _lines_of(diff: str) -> tuple[set[int], set[int]]:
    """The new file's lines that a diff shows, and those that it changes; a removed line counts as a change of the one after it."""
    seen: set[int] = set()
    changed: set[int] = set()
    number = 0
    for line in diff.split("\n"):
        if match := _HUNK.match(line):
            number = int(match[1])
        elif number and line[:1] in ("+", " "):
            seen.add(number)
            if line[0] == "+":
                changed.add(number)
            number += 1
        elif number and line[:1] == "-":
            changed.add(number)
    return seen, changed


def _touched(symbols: tuple[Symbol, ...], changed: set[int]) -> Iterator[Symbol]:
    """The innermost ones: a class only where none of its own functions is touched."""
    touched = [symbol for symbol in symbols if any(symbol.first_line <= number <= symbol.last_line for number in changed)]
    for symbol in touched:
        inner = any(symbol.first_line < other.first_line and other.last_line <= symbol.last_line for other in touched)
        if not inner and symbol.last_line - symbol.first_line < _LINES_MAX:
            yield symbol
