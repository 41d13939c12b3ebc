"""Where lines of an old text are gone, and which new lines stand there in their place."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from autopack.edits.content.alignment import aligned

COMPARED_MAX: Final = 2_000  # pairs of lines that are compared by their words; more of them are a text written anew
ALIKE: Final = 0.5  # the part of their words that an old line and its new form have in common, at least

_NAME: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Hole:
    """``came`` maps the places of new lines (0-based) to their text, ``gone`` are old lines that stand nowhere any more."""

    came: Mapping[int, str]
    gone: Sequence[str]

    def around(self, at: int) -> "Hole":
        """The part of the hole round one new line: between the nearest lines above and below it that are old ones, changed."""
        if not self._changed:
            return self
        top, first, low, last = -1, -1, len(self.gone), max(self.came) + 1
        for place, like in self._changed:
            if place < at and like > top:
                top, first = like, place
            elif place > at and top < like < low:
                low, last = like, place
        return Hole({place: line for place, line in self.came.items() if first < place < last}, self.gone[top + 1 : low])

    @cached_property
    def _changed(self) -> list[tuple[int, int]]:
        """The new lines that are old ones, changed: the place of the new line, and which of ``gone`` it was."""
        if len(self.came) * len(self.gone) > COMPARED_MAX:
            return []
        words = [Counter(_WORD.findall(line)) for line in self.gone]
        return [(place, like) for place in sorted(self.came) if (like := _likest(self.came[place], words)) is not None]


def holes(old: Sequence[str], new: Sequence[str]) -> Iterator[Hole]:
    """Every hole in which something is gone and something came; blank lines are nothing, and what moved or got other signs is not gone.

    A blank line that stayed between two holes may be an accident, so that both together are a hole too.
    """
    places = aligned(old, new)
    over_blank_lines = [place if line else None for line, place in zip(new, places, strict=True)]
    yield from _between(old, new, places)
    if over_blank_lines != places:
        yield from _between(old, new, over_blank_lines)


def _between(old: Sequence[str], new: Sequence[str], places: Sequence[int | None]) -> Iterator[Hole]:
    moved = _moved(new, places)
    start, low = 0, 0
    for at, place in enumerate([*places, len(old)]):
        if place is None:
            continue
        gone = _gone([line for line in old[low:place] if line], moved)
        came = {number: new[number] for number in range(start, at) if new[number]}
        if came and (gone := _without_kept_words(gone, came)):
            yield Hole(came, gone)
        start, low = at + 1, place + 1


def _moved(new: Sequence[str], places: Sequence[int | None]) -> Counter[tuple[str, str]]:
    """The pairs of neighbouring lines that came: where both stood together before, they moved."""
    filled = [(line, place is None) for line, place in zip(new, places, strict=True) if line]
    return Counter((one, other) for (one, came), (other, came_too) in pairwise(filled) if came and came_too)


def _gone(lines: Sequence[str], moved: Counter[tuple[str, str]]) -> list[str]:
    kept: set[int] = set()
    for at, pair in enumerate(pairwise(lines)):
        if moved[pair]:
            moved[pair] -= 1
            kept.update((at, at + 1))
    return [line for at, line in enumerate(lines) if at not in kept]


def _without_kept_words(gone: Sequence[str], came: Mapping[int, str]) -> list[str]:
    """Leaves out lines whose words all stand in one line that came: only the signs round them are others."""
    there = {_words(line) for line in came.values()}
    return [line for line in gone if not (words := _words(line)) or words not in there]


def _words(line: str) -> str:
    return "".join(_NAME.findall(line))


def _likest(line: str, others: Sequence[Counter[str]]) -> int | None:
    """The first of the others that is most like the line, if any is like it."""
    words = Counter(_WORD.findall(line))
    best, found = 0.0, None
    for number, other in enumerate(others):
        share = 2 * (words & other).total() / max(words.total() + other.total(), 1)
        if share >= ALIKE and share > best:
            best, found = share, number
    return found
