"""Finds the one place of each hunk: strict forms first, and never looser after a tie."""

from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple

from autopack.edits.diff.hunk import Hunk
from autopack.edits.match.done import where_it_is_done
from autopack.edits.match.forms import EXACT, FORMS, TRAILING_SPACE, formed
from autopack.edits.match.fuzzy_match import CLEAR_LEAD, voted
from autopack.edits.match.index import FileIndex
from autopack.edits.match.parts import Part, between_gaps, whole, without_tail
from autopack.edits.match.placement import Placement, at_once
from autopack.edits.match.refusals import already_there, ambiguous, contradicted, not_found, unanchored
from autopack.edits.match.similarity import is_alike

TIED_SHOWN: Final = 6
WAYS_MAX: Final = 100


class Hits(NamedTuple):
    """Where a part may stand; ``named`` is the one of them that the hunk's line number names exactly."""

    standings: Sequence[Placement]
    named: Placement | None


def find(hunk: Hunk, index: FileIndex) -> list[Placement]:
    """Gives where the hunk stands, in more than one part where its context says that lines are left out.

    Raises:
        EditRefused: code ``not_found``, ``ambiguous``, ``no_context``, ``already_applied`` or ``too_much_work``.
    """
    part = whole(hunk)
    if not part.old:
        return [_into_nothing(part, index)]
    hits = _hits(part, index)
    if not hits.standings:
        pieces = between_gaps(part)
        if pieces and pieces != [part]:
            return _in_order(pieces, index)
        raise not_found(part, index)
    standing = _only(hits)
    _judge_standing(standing, index)
    return [standing]


def _into_nothing(part: Part, index: FileIndex) -> Placement:
    if len(index) == 0:
        return Placement(part, EXACT, ())
    raise unanchored(part)


def _hits(part: Part, index: FileIndex) -> Hits:
    """Searches by one form after the other; the part without a tail of unmarked lines may be found too, if it is the only one."""
    shorter = without_tail(part)
    for form in range(len(FORMS)):
        hits = _hits_in(part, index, form)
        if hits.standings:
            return hits
        if shorter is not None and shorter.old:
            hits = _hits_in(shorter, index, form)
            if hits.named or len(hits.standings) == 1:
                return hits
    return _voted(shorter or part, index)


def _is_proved(standing: Placement, index: FileIndex) -> bool:
    """False where a change is only in what the form ignores, and its old lines do not stand there more strictly."""
    for block, (start, _) in zip(standing.part.blocks, standing.block_places(), strict=True):
        old = standing.part.old[block.start : block.end]
        if old and formed(old, standing.form) == formed(block.added, standing.form):
            strict = min(standing.form, TRAILING_SPACE)
            if formed(old, strict) == formed(block.added, strict):
                strict = EXACT
            if not index.stands_at(formed(old, strict), start, strict):
                return False
    return True


def _hits_in(part: Part, index: FileIndex, form: int) -> Hits:
    sequence = formed(part.old, form)
    start = part.hunk.start
    if start is not None and part.offset == 0 and index.stands_at(sequence, start, form):
        standing = at_once(part, form, start)
        if _is_proved(standing, index):
            return Hits([standing], standing)
    found = (at_once(part, form, place) for place in index.places(sequence, form))
    standings = list(islice((standing for standing in found if _is_proved(standing, index)), TIED_SHOWN))
    at_end = [standing for standing in standings if standing.first + len(sequence) == len(index)]
    return Hits(standings, at_end[0] if part.hunk.old_lacks_newline and at_end else None)


def _voted(part: Part, index: FileIndex) -> Hits:
    standings = [standing for standing in voted(part, index) if _is_proved(standing, index)]
    named = [standing for standing in standings if standing.is_named]
    is_best = len(named) == 1 and all(other.standing_lines < named[0].standing_lines + CLEAR_LEAD for other in standings)
    return Hits(standings, named[0] if is_best else None)


def _only(hits: Hits) -> Placement:
    if hits.named is not None:
        return hits.named
    if len(hits.standings) > 1:
        raise ambiguous(hits.standings[0].part, [standing.first for standing in hits.standings])
    return hits.standings[0]


def _in_order(pieces: Sequence[Part], index: FileIndex) -> list[Placement]:
    """Finds the pieces of a hunk with left-out context, each after the one before; only one way may lead through."""
    ways: list[list[Placement]] = [[]]
    for piece in pieces:
        hits = _hits(piece, index) if piece.old else Hits((), None)
        if not hits.standings:
            raise not_found(piece, index)
        standings = [hits.named] if hits.named is not None else hits.standings
        ways = [[*way, standing] for way in ways for standing in standings if not way or way[-1].block_places()[-1][1] <= standing.first]
        if not ways:
            raise not_found(piece, index)
        if len(ways) > WAYS_MAX:
            break
    if len(ways) > 1:
        raise ambiguous(pieces[-1], sorted({standing.first for way in ways for standing in way}))
    for standing in ways[0]:
        _judge_standing(standing, index)
    return ways[0]


def _judge_standing(standing: Placement, index: FileIndex) -> None:
    """Refuses an insertion without two neighbours, a change that is already there, and a number that names a likeness elsewhere."""
    part = standing.part
    for block, (start, _) in zip(part.blocks, standing.block_places(), strict=True):
        if block.is_insertion and not _has_neighbours(part, block.start, start, index):
            raise unanchored(part)
    place = where_it_is_done(standing, index)
    if place is not None:
        raise already_there(part, place)
    if standing.is_named is False and _resembles(standing, index):
        raise contradicted(part, standing.first)


def _has_neighbours(part: Part, at: int, place: int, index: FileIndex) -> bool:
    before = at > 0 or (part.opens and place == 0)
    after = at < len(part.old) or (part.closes and place == len(index))
    return before and after


def _resembles(standing: Placement, index: FileIndex) -> bool:
    """Says whether most old lines stand, line for line, where the hunk's number says: the change may well belong there."""
    named = standing.part.hunk.start or 0
    old = formed(standing.part.old, standing.form)
    return is_alike([(line, named + at) for at, line in enumerate(old)], index, standing.form)
