"""Whether what a hunk asks for is in the file already."""

from collections.abc import Sequence
from typing import Final

from autopack.edits.lines import is_blank
from autopack.edits.match.forms import EXACT, TRAILING_SPACE, UNICODE, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.match.placement import Placement

_NEW_LINES_SEARCHED_MAX: Final = 200
_TELLING_LINES_MIN: Final = 3
_TELLING_WHERE_NAMED_MIN: Final = 2


def where_it_is_done(standing: Placement, index: FileIndex) -> int | None:
    """Gives the place where the new text stands already, ``None`` where there is no sign of that.

    A hunk whose old lines stand exactly where its number says is done only if its longer new text stands there too, as in a
    run of equal lines. Elsewhere the new text anywhere in the file is a sign, if there is enough of it to tell.
    """
    part = standing.part
    form = min(standing.form, TRAILING_SPACE) if standing.is_whole else UNICODE
    new = formed(part.new, form)
    if standing.form == EXACT and standing.is_named:
        grows = len(new) > len(part.old)
        return standing.first if grows and index.stands_at(new, standing.first, form) else None
    place = _near(new, standing, index, form)
    if place is not None:
        return place
    telling = sum(1 for line in new if not is_blank(line))
    named = part.hunk.start
    if named is not None and standing.is_named is False and telling >= _TELLING_WHERE_NAMED_MIN and index.stands_at(new, named, form):
        return named
    if telling < _TELLING_LINES_MIN or (standing.is_named and standing.is_whole):
        return None
    return next(index.places(new, form), None)


def _near(new: Sequence[str], standing: Placement, index: FileIndex, form: int) -> int | None:
    """The place beside the find where the new text stands. A find of every old line is not undone by a mere removal."""
    part = standing.part
    if len(new) > _NEW_LINES_SEARCHED_MAX or (standing.is_whole and not any(block.added for block in part.blocks)):
        return None
    places = range(max(0, standing.first - len(new)), standing.first + len(part.old) + 1)
    return next((place for place in places if index.stands_at(new, place, form)), None)
