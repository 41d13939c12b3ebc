"""The symbols of what is not shown: complete for the outer level of every file before the next level begins."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from autopack.context.symbols import symbols_of

Outline = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Partly:
    """A file of which only the lines ``shown`` are shown."""

    path: str
    lines: Sequence[str]
    shown: AbstractSet[int]


def outlines(files: Sequence[Partly], characters: int) -> dict[str, Outline]:
    """(line, symbol) of symbols whose opening line is not shown, by path, as many as fit."""
    hidden = [
        (symbol.depth, order, symbol.first_line, symbol.text)
        for order, file in enumerate(files)
        for symbol in symbols_of(file.path, list(file.lines))
        if symbol.first_line not in file.shown
    ]
    kept: dict[str, list[tuple[int, str]]] = {}
    for _, order, line, text in sorted(hidden):
        characters -= len(text) + len(str(line)) + 2
        if characters < 0:
            break
        kept.setdefault(files[order].path, []).append((line, text))
    return {path: tuple(sorted(rows)) for path, rows in kept.items()}
