"""A mere piece of a file in the file's place: one stretch of the old text, perhaps changed, while what stood round it is gone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.alignment import aligned
from autopack.edits.content.kinds import Kind, kind_of
from autopack.edits.lines import indent_of, is_blank
from autopack.edits.model import EditRefused

FILE_LINES_MIN: Final = 6
LOST_MIN: Final = 2  # on both sides
EDGE_LOST_MIN: Final = 3  # on one side, where a file may well lose its first or last part on purpose
EDGE_SHARE_MAX: Final = 0.4
CLOSING_WITHIN: Final = 200  # lines below the last one kept in which its closing bracket is looked for
CAME_PER_LOST_MAX: Final = 3  # one new line for so many old ones before or after the piece is no new head or tail

_CODE: Final = frozenset({Kind.PYTHON, Kind.BRACES, Kind.DASHES})
_IMPORT: Final = re.compile(r"[ \t]*(?:import|from|use|using|package|#[ \t]*include|require|(?:const|let|var)[^=]*=[ \t]*require)\b(.*)")
_FUNCTION: Final = re.compile(r"[ \t]*(?:async[ \t]+)?def\b")
_LETTERS: Final = re.compile(r"\w")
_NAME: Final = re.compile(r"[A-Za-z_]\w{2,}")


@dataclass(frozen=True)
class _Piece:
    """What the new text kept of the old one; all lines are counted without the blank ones."""

    old: Sequence[str]
    new: Sequence[str]
    kept: Sequence[tuple[int, int]]  # places of the lines in both

    @property
    def head(self) -> Sequence[str]:
        return self.old[: self.kept[0][0]]

    @property
    def tail(self) -> Sequence[str]:
        return self.old[self.kept[-1][0] + 1 :]

    @property
    def is_one_stretch(self) -> bool:
        inside = self.kept[-1][0] - self.kept[0][0] + 1
        return len(self.kept) * 2 >= max(inside, len(self.new))

    @property
    def came_before(self) -> int:
        return self.kept[0][1]

    @property
    def came_after(self) -> int:
        return len(self.new) - 1 - self.kept[-1][1]

    @property
    def has_new_lines_inside(self) -> bool:
        return any(below - above > 1 for (_, above), (_, below) in pairwise(self.kept))


def judge_snippet(path: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Refuses a new text that is plainly a piece of the old one.

    Raises:
        EditRefused: code ``snippet``.
    """
    old, new = [line for line in old if not is_blank(line)], [line for line in new if not is_blank(line)]
    if len(old) < FILE_LINES_MIN or len(new) >= len(old):
        return
    kept = _kept(old, new)
    if kept and _is_piece(_Piece(old, new, kept), is_code=kind_of(path) in _CODE):
        raise EditRefused(
            RefusalCode.SNIPPET,
            f"The new text ({len(new)} lines) is only a piece of the file, which has {len(old)}; the rest would be lost. "
            "Give the whole file, or edit the lines that change.",
        )


def _kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the lines in both. Closing brackets at the new end belong to what stands before them, not to the old end."""
    end = len(new)
    while end and not _LETTERS.search(new[end - 1]):
        end -= 1
    places = aligned([line.strip() for line in old], [line.strip() for line in new[:end]])
    kept = [(place, at) for at, place in enumerate(places) if place is not None]
    for at in range(end, len(new)) if kept else ():
        start = kept[-1][0] + 1
        place = next((place for place in range(start, min(start + CLOSING_WITHIN, len(old))) if old[place] == new[at]), None)
        if place is not None:
            kept.append((place, at))
    return kept


def _is_piece(piece: _Piece, *, is_code: bool) -> bool:
    head, tail = len(piece.head), len(piece.tail)
    if piece.came_before * CAME_PER_LOST_MAX > head or piece.came_after * CAME_PER_LOST_MAX > tail or not piece.is_one_stretch:
        return False
    if min(head, tail) >= LOST_MIN:
        return True
    if max(head, tail) < EDGE_LOST_MIN:
        return False
    if len(piece.new) <= len(piece.old) * EDGE_SHARE_MAX and piece.has_new_lines_inside:
        return True
    return _lacks_its_head(piece, is_code=is_code) if head > tail else is_code and _stops_inside_a_block(piece)


def _lacks_its_head(piece: _Piece, *, is_code: bool) -> bool:
    return indent_of(piece.new[0]) > indent_of(piece.old[0]) or (is_code and _lacks_imports(piece))


def _stops_inside_a_block(piece: _Piece) -> bool:
    """Whether the piece ends in the middle of a block, and what followed that block is lost too.

    The last lines of the last block may go on purpose, and so may the last part of a class.
    """
    indent = indent_of(piece.tail[0])
    if piece.came_after or not any(len(indent_of(line)) < len(indent) for line in piece.tail):
        return False
    above = reversed(piece.old[: piece.kept[-1][0] + 1])
    opening = next((line for line in above if len(indent_of(line)) < len(indent)), "")
    return indent.startswith(indent_of(piece.old[piece.kept[-1][0]])) or _FUNCTION.match(opening) is not None


def _lacks_imports(piece: _Piece) -> bool:
    """Whether names are still used that only lost lines bring in."""
    imported = {name for line in piece.head if (match := _IMPORT.match(line)) for name in _NAME.findall(match[1])}
    still = {name for line in piece.new for name in _NAME.findall(line)}
    return bool(imported & still)
