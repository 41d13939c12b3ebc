r"""Changes of whole lines put into a text: together, in the text's own coordinates, with the line ends the text has there."""

from collections.abc import Sequence
from dataclasses import dataclass

from autopack.edits.lines import CR, Lines, join
from autopack.edits.match.refusals import overlapping


@dataclass(frozen=True)
class LineChange:
    """The lines ``start`` to ``end`` (0-based, end excluded) become ``lines``.

    ``is_literal`` keeps the carriage returns of ``lines`` as they are, else each gets the end that the lines beside it
    have. ``is_ordered`` lets another insertion at the same point follow. ``final_newline`` says whether the text ends in a
    newline if this change reaches its end; ``None`` as before.
    """

    start: int
    end: int
    lines: Sequence[str]
    origin: str
    is_literal: bool = False
    is_ordered: bool = False
    final_newline: bool | None = None


def rebuilt(before: Lines, changes: Sequence[LineChange]) -> str:
    """Gives the text with all changes made.

    Raises:
        EditRefused: code ``overlap`` where two changes are about the same line.
    """
    ordered = sorted(changes, key=lambda change: (change.start, change.end))
    bodies: list[str] = []
    at = 0
    previous: LineChange | None = None
    has_final_newline = before.has_final_newline
    for change in ordered:
        if previous is not None and (change.start < previous.end or _same_point(previous, change)):
            raise overlapping(previous.origin, change.origin, change.start + 1)
        bodies += before.bodies[at : change.start]
        if change.start == len(before.bodies) and bodies and at < change.start and not before.has_final_newline:
            bodies[-1] += _end_beside(before, change.start - 1, change.start - 1, change.lines)
        bodies += _dressed(before, change)
        at = change.end
        if change.end == len(before.bodies):
            has_final_newline = _final_newline(before, change, has_final_newline)
        previous = change
    bodies += before.bodies[at:]
    if bodies and not has_final_newline and ordered and ordered[-1].end == len(before.bodies) and not ordered[-1].is_literal:
        bodies[-1] = bodies[-1].removesuffix(CR)
    return join(Lines(bodies, has_final_newline, before.has_bom))


def _same_point(first: LineChange, second: LineChange) -> bool:
    """Two diffs' insertions at one point have no order; operations have the order in which they are given."""
    return not first.is_ordered and first.start == first.end == second.start == second.end


def _final_newline(before: Lines, change: LineChange, so_far: bool) -> bool:
    if change.final_newline is not None:
        return change.final_newline
    return so_far or not before.bodies


def _dressed(before: Lines, change: LineChange) -> Sequence[str]:
    end = _end_beside(before, change.start, change.end, change.lines)
    if change.is_literal or (not end and not any(CR in line for line in change.lines)):
        return change.lines
    return [line.removesuffix(CR) + end for line in change.lines]


def _end_beside(before: Lines, start: int, end: int, lines: Sequence[str]) -> str:
    """The carriage return, or nothing, that ends the first line replaced, else the line before, else the one after, else the new ones."""
    whole = len(before.bodies) if before.has_final_newline else len(before.bodies) - 1
    for at in (*range(start, min(end, start + 1)), start - 1, end, start - 2):
        if 0 <= at < whole:
            return CR if before.bodies[at].endswith(CR) else ""
    return CR if whole <= 0 and lines and lines[0].endswith(CR) else ""
