"""The part of a file that is shown where the whole does not fit: its head, what the phase names, and an outline of the rest."""

from dataclasses import dataclass
from typing import Final

from autopack.context.needs import best_lines, named_symbols
from autopack.context.symbols import Symbol, symbols_of

_HEAD_LINES: Final = 40
_BODY_LINES: Final = 200
_AROUND: Final = 12
_SMALLEST_GAP: Final = 3
_OUTLINE_SHARE: Final = 4
_HEAD_SHARE: Final = 4


@dataclass(frozen=True)
class Part:
    """``stretches`` are (first line, text), ``outline`` (line, symbol) of lines that are not among them."""

    stretches: tuple[tuple[int, str], ...]
    outline: tuple[tuple[int, str], ...]


def numbered_cost(lines: list[str]) -> int:
    """The characters of the lines with their numbers before them."""
    return sum(len(line) for line in lines) + len(lines) * (len(str(len(lines))) + 2)


def part_of(path: str, lines: list[str], words: frozenset[str], characters: int) -> Part:
    """What is shown of a file that is larger than its share of the budget."""
    symbols = symbols_of(path, lines)
    outline_characters = min(characters // _OUTLINE_SHARE, sum(_outline_cost(symbol) for symbol in symbols))
    chosen = _Chosen(lines, characters - outline_characters)
    _choose(chosen, symbols, words)
    stretches = stretches_of(lines, chosen.numbers())
    return Part(stretches, _outline(symbols, chosen, outline_characters))


def stretches_of(lines: list[str], numbers: list[int]) -> tuple[tuple[int, str], ...]:
    """The runs of consecutive numbers, each with its text; a gap of a few lines is closed."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number - runs[-1][1] <= _SMALLEST_GAP + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple((first, "\n".join(lines[first - 1 : last])) for first, last in runs)


class _Chosen:
    """The lines taken so far, and what of the budget is left for more."""

    def __init__(self, lines: list[str], characters: int) -> None:
        self.lines = lines
        digits = len(str(len(lines)))
        self._costs = [len(line) + digits + 2 for line in lines]
        self._is_in = bytearray(len(lines) + 1)
        self.left = characters

    def take(self, first: int, last: int, limit: int | None = None) -> None:
        """Takes the lines from ``first`` on, up to ``last`` or to where the budget (or ``limit`` of it) ends."""
        floor = 0 if limit is None else max(0, self.left - limit)
        for number in range(max(1, first), min(last, len(self._costs)) + 1):
            if self._is_in[number]:
                continue
            if self.left - self._costs[number - 1] < floor:
                return
            self._is_in[number] = 1
            self.left -= self._costs[number - 1]

    def holds(self, number: int) -> bool:
        return bool(self._is_in[number])

    def numbers(self) -> list[int]:
        return [number for number, is_in in enumerate(self._is_in) if is_in]


def _choose(chosen: _Chosen, symbols: tuple[Symbol, ...], words: frozenset[str]) -> None:
    lines = chosen.lines
    chosen.take(1, _HEAD_LINES, chosen.left // _HEAD_SHARE)
    for symbol in named_symbols(symbols, words):
        chosen.take(symbol.first_line - 2, min(symbol.last_line, symbol.first_line + _BODY_LINES))
    for number in best_lines(lines, words):
        if chosen.left <= 0:
            break
        if not chosen.holds(number):
            chosen.take(number, number)
            chosen.take(number - _AROUND, number + _AROUND)
    chosen.take(1, len(lines))


def _outline(symbols: tuple[Symbol, ...], chosen: _Chosen, characters: int) -> tuple[tuple[int, str], ...]:
    """The symbols that are not shown, the outer ones first while they fit, in the order of the file."""
    kept: list[Symbol] = []
    for symbol in sorted(symbols, key=lambda symbol: (symbol.depth, symbol.first_line)):
        if chosen.holds(symbol.first_line):
            continue
        characters -= _outline_cost(symbol)
        if characters < 0:
            break
        kept.append(symbol)
    return tuple((symbol.first_line, symbol.text) for symbol in sorted(kept, key=lambda symbol: symbol.first_line))


def _outline_cost(symbol: Symbol) -> int:
    return len(symbol.text) + len(str(symbol.first_line)) + 2
