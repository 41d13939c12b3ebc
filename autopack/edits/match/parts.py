"""A part of a hunk that has to stand in one piece: the whole hunk, or what lies between two marks for left-out context."""

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autopack.edits.diff.hunk import Block, Hunk

_GAP: Final = re.compile(r"(?:#|//|/\*|--|<!--|;|%|\*)?\s*(?:\.{3,}|…)(?:[\w\s,'-]*(?:\.{3,}|…))?(?:[\w\s,'-]*)(?:\*/|-->)?", re.ASCII)
_GAP_CHARACTERS_MAX: Final = 80
GAPS_MAX: Final = 50


@dataclass(frozen=True)
class Part:
    """Old lines of a hunk and the blocks that change them, counted from the part's own first line.

    ``offset`` is the place of the first line among the hunk's old lines. ``opens`` and ``closes`` say that the part begins
    and ends where the hunk does, so that an insertion at its edge may be one at the file's edge.
    """

    hunk: Hunk
    old: tuple[str, ...]
    is_removed: tuple[bool, ...]
    blocks: tuple[Block, ...]
    offset: int = 0
    opens: bool = True
    closes: bool = True

    @cached_property
    def new(self) -> tuple[str, ...]:
        """What is to stand in place of ``old``."""
        lines: list[str] = []
        at = 0
        for block in self.blocks:
            lines += self.old[at : block.start]
            lines += block.added
            at = block.end
        return (*lines, *self.old[at:])


def whole(hunk: Hunk) -> Part:
    return Part(hunk, hunk.old, hunk.is_removed, hunk.blocks)


def without_tail(part: Part) -> Part | None:
    """The part without trailing lines that had no mark of their own: prose or blank lines after the diff, perhaps."""
    keep = len(part.old)
    bare = 0
    for line in reversed(part.hunk.lines):
        if not line.is_bare:
            break
        bare += 1
    if bare in (0, keep):
        return None
    return Part(part.hunk, part.old[: keep - bare], part.is_removed[: keep - bare], part.blocks, part.offset, part.opens)


def between_gaps(part: Part) -> list[Part]:
    """Splits a part where its context holds a mark such as ``# ...``; pieces that change nothing are left out."""
    gaps = [at for at, line in enumerate(part.old) if not part.is_removed[at] and is_gap(line)]
    if not 0 < len(gaps) <= GAPS_MAX:
        return [part]
    edges = [-1, *gaps, len(part.old)]
    pieces = [_piece(part, start + 1, end) for start, end in itertools.pairwise(edges)]
    return [piece for piece in pieces if piece.blocks]


def is_gap(line: str) -> bool:
    """Says whether a line stands for lines left out: ``...``, ``# ...``, ``// ... existing code ...``."""
    stripped = line.strip()
    return 0 < len(stripped) <= _GAP_CHARACTERS_MAX and ("..." in stripped or "…" in stripped) and _GAP.fullmatch(stripped) is not None


def _piece(part: Part, start: int, end: int) -> Part:
    blocks = [block for block in part.blocks if start <= block.start and block.end <= end]
    return Part(
        part.hunk,
        part.old[start:end],
        part.is_removed[start:end],
        tuple(Block(block.start - start, block.end - start, block.added) for block in blocks),
        part.offset + start,
        opens=start == 0,
        closes=end == len(part.old) and part.closes,
    )
