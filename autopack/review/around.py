"""What stands around a change: the rest of each function that a hunk touches, as it is now, and where its name is used elsewhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autopack.context.reading import Looker, lines_of, may_be_read
from autopack.context.symbols import Symbol, symbols_of
from autopack.context.tree import TreeReader
from autopack.context.windows import runs_of
from autopack.core.context import Excerpt
from autopack.core.redaction import Redactor
from autopack.core.text import unix_text
from autopack.core.tool_made import is_tool_made
from autopack.core.visible import one_name
from autopack.review.diff_text import FileDiff, split_diff

_HUNK: Final = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_LINES_MAX: Final = 150
"""A longer function is not shown: what matters of it stands in the diff."""


_NAMES: Final = 8
_SHORTEST_NAME: Final = 3
_USES: Final = 8
_USE_CHARACTERS: Final = 160


@dataclass(frozen=True)
class TouchedFile:
    """A file of the diff as it is now: its lines, those that the diff shows, and the functions that it touches."""

    path: str
    lines: tuple[str, ...]
    seen: frozenset[int]
    symbols: tuple[Symbol, ...]


def touched_files(diff: str, tree: TreeReader, redactor: Redactor) -> tuple[TouchedFile, ...]:
    """In the order of the diff; ``tree`` is the candidate's."""
    files = [file for file in split_diff(diff) if file.path in tree.entries and not is_tool_made(file.path)]
    texts = tree.texts(tuple(file.path for file in files))
    return tuple(_touched_file(file, redactor.redact(unix_text(texts[file.path].text))) for file in files if file.path in texts)


def around(touched: tuple[TouchedFile, ...]) -> tuple[Excerpt, ...]:
    """The lines of the functions that the diff leaves out; of a long one none."""
    return tuple(excerpt for file in touched for excerpt in _unseen(file))


def uses_elsewhere(touched: tuple[TouchedFile, ...], looker: Looker) -> tuple[str, ...]:
    """``path:12: the line`` for each use of a touched function, a few each, that the change itself does not show."""
    names = list(dict.fromkeys(symbol.name for file in touched for symbol in file.symbols if _is_telling(symbol.name)))[:_NAMES]
    if not names:
        return ()
    hits = looker.search(rf"\b({'|'.join(names)})\b").lines
    known = {file.path: file for file in touched}
    places = [place for place in hits if place[0] in looker.tree.entries and may_be_read(place[0], looker) and not _is_own(place, known)]
    texts, _ = lines_of(tuple(dict.fromkeys(path for path, _ in places[: _NAMES * _USES * 4])), looker)
    left = dict.fromkeys(names, _USES)
    uses = []
    for path, number in places:
        line = texts[path][number - 1].strip() if path in texts and number <= len(texts[path]) else ""
        name = next((name for name in names if left[name] and re.search(rf"\b{name}\b", line)), None)
        if name is not None:
            left[name] -= 1
            uses.append(f"{one_name(path)}:{number}: {line[:_USE_CHARACTERS]}")
    return tuple(uses)


def _touched_file(file: FileDiff, text: str) -> TouchedFile:
    lines = text.split("\n")
    seen, changed = _lines_of(file.text)
    return TouchedFile(file.path, tuple(lines), frozenset(seen), tuple(_touched(symbols_of(file.path, lines), changed)))


def _unseen(file: TouchedFile) -> Iterator[Excerpt]:
    wanted: set[int] = set()
    for symbol in file.symbols:
        if symbol.last_line - symbol.first_line < _LINES_MAX:
            wanted.update(number for number in range(symbol.first_line, symbol.last_line + 1) if number not in file.seen)
    for first, last in runs_of(wanted):
        text = "\n".join(file.lines[first - 1 : last])
        if text.strip():
            yield Excerpt(attempt=0, path=file.path, first_line=first, text=text)


def _is_telling(name: str) -> bool:
    return name.isidentifier() and name.isascii() and len(name) >= _SHORTEST_NAME and not name.startswith(("__", "test"))


def _is_own(place: tuple[str, int], known: dict[str, TouchedFile]) -> bool:
    """Whether the change shows that line, or it lies in a function that is shown beside the change."""
    file = known.get(place[0])
    if file is None:
        return False
    return place[1] in file.seen or any(symbol.first_line <= place[1] <= symbol.last_line for symbol in file.symbols)


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
        if not inner:
            yield symbol
