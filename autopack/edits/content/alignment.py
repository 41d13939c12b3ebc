"""Which lines of a new text are lines of the old one, in order: by lines that both have once, outwards from those, then by trying."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final

ROUNDS_MAX: Final = 6  # a stretch between two anchors is looked at so often; bounds the time for texts that repeat themselves
TRIED_MAX: Final = 2_000_000  # pairs of lines that are compared where no line stands once; some tenths of a second

Aligned = list[int | None]
_Stretch = tuple[int, int, int, int]  # old start and end, new start and end


def aligned(old: Sequence[str], new: Sequence[str]) -> Aligned:
    """For each line of ``new`` its place in ``old``, ascending; ``None`` for a line that is added."""
    found: Aligned = [None] * len(new)
    stretches: list[_Stretch] = [(0, len(old), 0, len(new))]
    hard: list[_Stretch] = []
    for _ in range(ROUNDS_MAX):
        stretches = [smaller for stretch in stretches for smaller in _settled(old, new, stretch, found, hard)]
    left = TRIED_MAX
    for low, high, start, end in hard:
        left -= (high - low) * (end - start)
        if left < 0:
            break
        for at, place in _longest(old[low:high], new[start:end]):
            found[start + place] = low + at
    return found


def _settled(old: Sequence[str], new: Sequence[str], stretch: _Stretch, found: Aligned, hard: list[_Stretch]) -> list[_Stretch]:
    """Settles what both ends of a stretch have in common and the lines that both have once; gives the stretches between."""
    low, high, start, end = stretch
    while low < high and start < end and old[low] == new[start]:
        found[start] = low
        low, start = low + 1, start + 1
    while low < high and start < end and old[high - 1] == new[end - 1]:
        high, end = high - 1, end - 1
        found[end] = high
    if low == high or start == end:
        return []
    anchors = _anchors(old, new, (low, high, start, end))
    if not anchors:
        hard.append((low, high, start, end))
        return []
    between: list[_Stretch] = []
    for at, place in [*anchors, (high, end)]:
        if low < at and start < place:
            between.append((low, at, start, place))
        if at < high:
            found[place] = at
        low, start = at + 1, place + 1
    return between


def _longest(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common run of lines in order, as late in the old text as it can be: pairs of places, the last first."""
    rows = [[0] * (len(new) + 1)]
    for line in old:
        above, row = rows[-1], [0]
        for at, other in enumerate(new):
            row.append(above[at] + 1 if line == other else max(above[at + 1], row[at]))
        rows.append(row)
    pairs: list[tuple[int, int]] = []
    at, place = len(old), len(new)
    while at and place:
        if old[at - 1] == new[place - 1]:
            at, place = at - 1, place - 1
            pairs.append((at, place))
        elif rows[at - 1][place] >= rows[at][place - 1]:
            at -= 1
        else:
            place -= 1
    return pairs


def _anchors(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[tuple[int, int]]:
    """The longest ascending run of lines that stand once on both sides: (old, new) places."""
    low, high, start, end = stretch
    once_old, once_new = Counter(old[low:high]), Counter(new[start:end])
    places = {line: at for at, line in enumerate(old[low:high], low) if once_old[line] == 1}
    pairs = [(places[line], at) for at, line in enumerate(new[start:end], start) if once_new[line] == 1 and line in places]
    return _ascending(pairs)


def _ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    ends: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, (at, _) in enumerate(pairs):
        pile = bisect_left(ends, at)
        before.append(piles[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [at]
        piles[pile : pile + 1] = [number]
    run: list[tuple[int, int]] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]
