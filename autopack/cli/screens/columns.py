"""Lays rows out in columns. On a narrow terminal it wraps a column that may, else leaves one out; it never cuts a text off."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.text import Text

GAP = "  "
NARROWEST, HANDY = 16, 28
_MARKS: Final = re.compile(r"(?<=[ /.,:_-])")


@dataclass(frozen=True)
class Column:
    """``rank`` 0 always stays; of the others the highest leaves first. ``wraps``: narrowed before any leaves."""

    title: str
    rank: int = 0
    is_right: bool = False
    wraps: bool = False


def in_columns(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None) -> Iterator[Text]:
    """The title line and the lines of each row; ``width`` None: as wide as it takes. A column without any content is left out."""
    for block in in_blocks(columns, rows, width):
        yield from block


def in_blocks(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None) -> Iterator[list[Text]]:
    """As ``in_columns``, the lines of each row together; a row of more than one line has a cell that wraps."""
    sizes = [max((row[at].cell_len for row in rows), default=0) for at in range(len(columns))]
    sizes = [max(size, len(column.title)) if size else 0 for column, size in zip(columns, sizes, strict=True)]
    kept = _fitting(columns, sizes, width)
    widths = _narrowed(columns, sizes, kept, width)
    yield [_line([Text(columns[at].title, style="bold dim") for at in kept], [columns[at] for at in kept], widths)]
    for row in rows:
        cells = [wrapped(row[at], size) if columns[at].wraps else [row[at]] for at, size in zip(kept, widths, strict=True)]
        height = max(map(len, cells))
        filled = [[*cell, *[Text()] * (height - len(cell))] for cell in cells]
        yield [_line(line, [columns[at] for at in kept], widths) for line in zip(*filled, strict=True)]


def _fitting(columns: Sequence[Column], sizes: Sequence[int], width: int | None) -> list[int]:
    kept = [at for at, size in enumerate(sizes) if size]
    least = [min(size, NARROWEST) if column.wraps else size for column, size in zip(columns, sizes, strict=True)]
    while width is not None and _taken(least[at] for at in kept) > width:
        last = max(kept, key=lambda at: (columns[at].rank, at))
        if columns[last].rank == 0:
            break
        kept.remove(last)
    return kept


def _narrowed(columns: Sequence[Column], sizes: Sequence[int], kept: Sequence[int], width: int | None) -> list[int]:
    """The widths of the columns that stay. The widest that wraps gives way first; once all are narrow enough, the leftmost does."""
    widths = {at: sizes[at] for at in kept}
    while width is not None and _taken(widths.values()) > width:
        wide = [at for at in kept if columns[at].wraps and widths[at] > NARROWEST]
        if not wide:
            break
        widths[max(wide, key=lambda at: (max(widths[at], HANDY), -at))] -= 1
    return list(widths.values())


def _taken(sizes: Iterable[int]) -> int:
    found = list(sizes)
    return sum(found) + len(GAP) * max(0, len(found) - 1)


def _line(cells: Sequence[Text], columns: Sequence[Column], sizes: Sequence[int]) -> Text:
    line = Text()
    for place, (cell, column, size) in enumerate(zip(cells, columns, sizes, strict=True)):
        padding = " " * (size - cell.cell_len)
        line.append(GAP if place else "")
        line.append_text(Text(padding) + cell if column.is_right else cell + Text(padding))
    line.rstrip()
    return line


def wrapped(text: Text, width: int) -> list[Text]:
    """At least one line; none is wider than the width, and no character is lost but the spaces at a break."""
    if text.cell_len <= width:
        return [text]
    plain, ends, start = text.plain, [], 0
    while cell_len(plain[start:]) > width:
        start += _first_line(plain[start:], width)
        ends.append(start)
    lines = list(text.divide(ends))
    for line in lines:
        line.rstrip()
    return lines


def _first_line(plain: str, width: int) -> int:
    """How many characters the first line takes."""
    room = next(count for count in range(len(plain), 0, -1) if count == 1 or cell_len(plain[:count]) <= width)
    space = plain.rfind(" ", 0, room + 1)
    if space > 0:
        return space + 1
    marks = [found.start() for found in _MARKS.finditer(plain) if width // 2 <= found.start() <= room]
    return marks[-1] if marks else room
