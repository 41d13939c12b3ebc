"""Lines of a file with their numbers: what they cost, and the stretches they make."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

_SMALLEST_GAP: Final = 3


def numbered_cost(lines: Sequence[str]) -> int:
    """The characters of the lines with their numbers before them."""
    return sum(len(line) for line in lines) + len(lines) * (len(str(len(lines))) + 2)


def closed(numbers: Iterable[int]) -> set[int]:
    """The numbers and those in gaps of a few lines, which cost less than the sentence that says they are left out."""
    ordered = sorted(numbers)
    gaps = itertools.pairwise(ordered)
    return set(ordered).union(*(range(before, after) for before, after in gaps if after - before <= _SMALLEST_GAP + 1))


def stretches_of(lines: Sequence[str], numbers: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """The runs of consecutive numbers, each with its text; a gap of a few lines is closed."""
    return tuple((first, "\n".join(lines[first - 1 : last])) for first, last in runs_of(closed(numbers)))


def runs_of(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """First and last of each run of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)
