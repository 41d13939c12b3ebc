"""A file cut into blocks: each function, the head of each class, and what stands between them; long ones in pieces."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from autopack.context.symbols import Symbol, symbols_of

_LONGEST: Final = 60
_PIECE: Final = 40
_HEAD_SEARCHED: Final = 80
_HEAD_LONGEST: Final = 30
_IMPORT: Final = re.compile(
    r"""\s*(?:import\b|from\b.*\bimport\b|(?:const|var|let) .*require\(|package |use |\#include|\)|"|'use strict')"""
)
_OPENS: Final = re.compile(r"(?:def|class|func|function|type)\b")


class Block(NamedTuple):
    """Lines ``first`` to ``last``, both inclusive; ``names`` are the symbols around them, the innermost first."""

    first: int
    last: int
    names: tuple[str, ...]


def blocks_of(path: str, lines: Sequence[str]) -> tuple[Block, ...]:
    """Blocks that cover the file, in order, none twice."""
    total = len(lines)
    innermost: list[Symbol | None] = [None] * (total + 1)
    outer: dict[Symbol, Symbol | None] = {}
    open_ones: list[Symbol] = []
    for symbol in sorted(symbols_of(path, list(lines)), key=lambda symbol: (symbol.first_line, -symbol.last_line)):
        while open_ones and open_ones[-1].last_line < symbol.first_line:
            open_ones.pop()
        outer[symbol] = open_ones[-1] if open_ones else None
        open_ones.append(symbol)
        for number in range(symbol.first_line, min(symbol.last_line, total) + 1):
            innermost[number] = symbol
    found: list[Block] = []
    first = 1
    while first <= total:
        last = first
        while last < total and innermost[last + 1] is innermost[first]:
            last += 1
        found += _pieces(first, last, _names(innermost[first], outer))
        first = last + 1
    return tuple(found)


def imports_of(lines: Sequence[str]) -> tuple[int, int]:
    """The first and last line of the imports at the head of a file, without the licence above them; (1, 0) where there are none."""
    found = []
    for number, line in enumerate(lines[:_HEAD_SEARCHED], 1):
        if _IMPORT.match(line):
            found.append(number)
        if _OPENS.match(line):
            break
    return (found[0], min(found[-1] + 1, found[0] - 1 + _HEAD_LONGEST)) if found else (1, 0)


def _names(symbol: Symbol | None, outer: dict[Symbol, Symbol | None]) -> tuple[str, ...]:
    names: list[str] = []
    while symbol is not None:
        names.append(symbol.name)
        symbol = outer[symbol]
    return tuple(names)


def _pieces(first: int, last: int, names: tuple[str, ...]) -> list[Block]:
    length = last - first + 1
    if length <= _LONGEST:
        return [Block(first, last, names)]
    step = -(-length // -(-length // _PIECE))
    return [Block(start, min(last, start + step - 1), names) for start in range(first, last + 1, step)]
