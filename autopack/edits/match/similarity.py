"""Whether nearly the same lines stand where a number says, though not quite: then a perfect find elsewhere may be the wrong one."""

from collections.abc import Iterable
from typing import Final

from autopack.edits.match.index import FileIndex

ALIKE_WEIGHT_MIN: Final = 2.0
ALIKE_SHARE: Final = 0.6


def is_alike(expected: Iterable[tuple[str, int]], index: FileIndex, form: int) -> bool:
    """Says whether most of the lines that tell something stand at their places.

    A line that the file has more than twice, such as a closing bracket, tells the less the more often it is there.

    Args:
        expected: lines, in that form already, and their 0-based places.
        index: the file's lines.
        form: the form to compare in.
    """
    same = total = 0.0
    for line, at in expected:
        if line:
            weight = min(1.0, 2 / max(1, index.count(line, form)))
            total += weight
            same += weight if index.stands_at((line,), at, form) else 0
    return same >= ALIKE_WEIGHT_MIN and same >= ALIKE_SHARE * total
