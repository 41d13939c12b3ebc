"""Whether nearly the same lines stand where a number says, though not quite: then the text elsewhere may be the wrong one."""

from collections.abc import Iterable, Sequence
from typing import Final

ALIKE_LINES_MIN: Final = 3
ALIKE_SHARE: Final = 0.6


def is_alike(expected: Iterable[tuple[str, int]], lines: Sequence[str]) -> bool:
    """Says whether most of the expected lines stand at their places; blank ones tell nothing.

    Args:
        expected: lines and their 0-based places, in the form that ``lines`` have.
        lines: the file's.
    """
    telling = [(line, at) for line, at in expected if line]
    same = sum(1 for line, at in telling if 0 <= at < len(lines) and lines[at] == line)
    return same >= ALIKE_LINES_MIN and same >= ALIKE_SHARE * len(telling)
