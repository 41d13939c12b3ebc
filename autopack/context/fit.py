"""Which lines are shown where not everything fits: the best blocks first, each with its neighbours' edges and its file's imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from autopack.context.blocks import imports_of
from autopack.context.ranking import Ranked
from autopack.context.windows import closed
from autopack.core.context import Why

_EDGE: Final = 3
_REST_SHARE: Final = 0.25
_FRAME: Final = 100
_GAP_SAID: Final = 36


@dataclass
class Taken:
    """The lines of one file that are shown, and why its first block was."""

    why: Why
    lines: set[int] = field(default_factory=set)


def fit(ranked: Sequence[Ranked], lines_of: Mapping[str, Sequence[str]], characters: int) -> dict[str, Taken]:
    """The lines to show, by path, the file with the best block first; a block that does not fit is passed over."""
    filling = _Filling(lines_of, characters)
    for one in ranked:
        if filling.left <= 0:
            break
        if filling.take(one, one.block.first - _EDGE, one.block.last + _EDGE):
            filling.take(one, *imports_of(lines_of[one.path]))
    return filling.finished()


class _Filling:
    def __init__(self, lines_of: Mapping[str, Sequence[str]], characters: int) -> None:
        self._lines_of = lines_of
        self._taken: dict[str, Taken] = {}
        self.left = characters

    def take(self, one: Ranked, first: int, last: int) -> bool:
        """Whether the lines fitted; a file's first ones also pay for its frame."""
        lines = self._lines_of[one.path]
        have = self._taken.get(one.path)
        new = [number for number in range(max(1, first), min(last, len(lines)) + 1) if have is None or number not in have.lines]
        cost = self._cost(lines, new) + (_FRAME if have is None else 0 if not new or new[0] - 1 in have.lines else _GAP_SAID)
        if cost > self.left:
            return False
        self.left -= cost
        self._taken.setdefault(one.path, Taken(one.why)).lines.update(new)
        return True

    def finished(self) -> dict[str, Taken]:
        """What was taken, gaps closed; a file of which most is shown is shown whole where there is room."""
        for path, taken in self._taken.items():
            lines = self._lines_of[path]
            taken.lines = closed(taken.lines)
            rest = [number for number in range(1, len(lines) + 1) if number not in taken.lines]
            cost = self._cost(lines, rest)
            if rest and len(rest) <= len(lines) * _REST_SHARE and cost <= self.left:
                self.left -= cost
                taken.lines.update(rest)
        return self._taken

    @staticmethod
    def _cost(lines: Sequence[str], numbers: Sequence[int]) -> int:
        digits = len(str(len(lines))) + 2
        return sum(len(lines[number - 1]) + digits for number in numbers)
