"""Where a part of a hunk was found to stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from autopack.edits.match.parts import Part


@dataclass(frozen=True)
class Placement:
    """``at`` gives the file's line for each old line of the part (0-based), ``None`` for context that the file does not have."""

    part: Part
    form: int
    at: tuple[int | None, ...]

    @property
    def first(self) -> int:
        return next((at for at in self.at if at is not None), 0)

    @property
    def standing_lines(self) -> int:
        return sum(at is not None for at in self.at)

    @property
    def is_whole(self) -> bool:
        """True where every old line stands, one after the other."""
        first = self.first
        return all(at == first + number for number, at in enumerate(self.at))

    @property
    def is_named(self) -> bool | None:
        """Whether it stands where the hunk's number says, at least in part; ``None`` where there is no number to say so."""
        start = self.part.hunk.start
        if start is None or self.part.offset:
            return None
        return any(at == start + number for number, at in enumerate(self.at))

    def block_places(self) -> list[tuple[int, int]]:
        """The file's lines (start, end excluded) that each block of the part replaces."""
        return [_place(block.start, block.end, self.at) for block in self.part.blocks]


def at_once(part: Part, form: int, start: int) -> Placement:
    return Placement(part, form, tuple(range(start, start + len(part.old))))


def _place(start: int, end: int, at: Sequence[int | None]) -> tuple[int, int]:
    """The file's lines of a block; of an insertion the point between its neighbours, or the file's edge where one is missing."""
    if start < end:
        first, last = at[start], at[end - 1]
        return first or 0, (last or 0) + 1
    before = at[start - 1] if start > 0 else None
    after = at[start] if start < len(at) else None
    point = before + 1 if before is not None else after or 0
    return point, point
