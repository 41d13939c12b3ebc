"""Rows in columns: a column that does not fit on a narrow terminal is left out, and no cell is ever cut or wrapped."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

GAP = "  "


@dataclass(frozen=True)
class Column:
    """``rank`` 0 always stays; of the others the highest leaves first."""

    title: str
    rank: int = 0
    is_right: bool = False


def in_columns(columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int | None) -> Iterator[Text]:
    """The title line and a line for each row; ``width`` None: as wide as it takes. A column without any content is left out."""
    sizes = [max((row[at].cell_len for row in rows), default=0) for at in range(len(columns))]
    sizes = [max(size, len(column.title)) if size else 0 for column, size in zip(columns, sizes, strict=True)]
    kept = _fitting(columns, sizes, width)
    yield _line([Text(columns[at].title, style="bold dim") for at in kept], [columns[at] for at in kept], [sizes[at] for at in kept])
    for row in rows:
        yield _line([row[at] for at in kept], [columns[at] for at in kept], [sizes[at] for at in kept])


def _fitting(columns: Sequence[Column], sizes: Sequence[int], width: int | None) -> list[int]:
    kept = [at for at, size in enumerate(sizes) if size]
    while width is not None and sum(sizes[at] + len(GAP) for at in kept) - len(GAP) > width:
        last = max(kept, key=lambda at: (columns[at].rank, at))
        if columns[last].rank == 0:
            break
        kept.remove(last)
    return kept


def _line(cells: Sequence[Text], columns: Sequence[Column], sizes: Sequence[int]) -> Text:
    line = Text()
    for cell, column, size in zip(cells, columns, sizes, strict=True):
        padding = " " * (size - cell.cell_len)
        line.append(GAP if line else "")
        line.append_text(Text(padding) + cell if column.is_right else cell + Text(padding))
    line.rstrip()
    return line
