"""Placeholders told by what vanished: a line that speaks of left-out text, where lines of the old text are gone."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.alignment import aligned
from autopack.edits.content.elision_phrases import stands_for_code
from autopack.edits.content.holes import Hole, holes
from autopack.edits.content.in_place import InPlace
from autopack.edits.content.kinds import Kind
from autopack.edits.content.left_out_words import Telling, telling
from autopack.edits.content.neighbours import Neighbours
from autopack.edits.content.problem import Change, excerpt, refuse

LOST_MIN: Final = 2  # so many lines are gone for which no other line came
GONE_FOR_HINT_MIN: Final = 3
GONE_FOR_PLAIN_MIN: Final = 2  # where other lines came beside one that says so in no words of its own
GONE_ANYWHERE_MIN: Final = 3  # where such a line stands alone, for something that is gone from another place
CAME_PER_GONE_MAX: Final = 3  # so many other lines for one that is gone are a text written anew
ANEW_MIN: Final = 100  # so many other lines are a text written anew, however much is gone
CONTEXT_MIN: Final = 8  # lines above and below dots that stood there before, so that they stand where others did
REWORDED_SHARE: Final = 4
SENTENCE_MIN: Final = 4  # words of a line that a line of the old text holds as well: it is that line, shortened
COMPARED_MAX: Final = 500  # lines that are gone which are compared with such a line
CANDIDATES_MAX: Final = 200  # such lines that are looked at; bounds the time that a hostile text takes

_FENCE: Final = re.compile(r"(?:>[ ]?)*+(?:`{3}|~{3})")
_WORDS: Final = re.compile(r"\w+")
_Found = Iterator[tuple[int, Sequence[str]]]  # the place of such a line (0-based), and what it stands for


def judge_vanished(change: Change) -> None:
    """Refuses such lines; where nothing is gone they are text."""
    if change.before is None or change.kind is Kind.PATCH:
        return
    old, new = ([line.strip() for line in text.split("\n")] for text in (change.before, change.after))
    seen = InPlace(change, old, new)
    for find in (_in_holes, _between_neighbours, _anywhere):
        for at, gone in find(old, new, seen):
            if not seen.is_own_way(at):
                raise refuse(change.path, RefusalCode.ELISION, at + 1, _reason(new[at], gone))


def _reason(line: str, gone: Sequence[str]) -> str:
    if not gone:
        return f"it speaks of text that was left out ({excerpt(line)}); write that out"
    first, last = excerpt(gone[0]), excerpt(gone[-1])
    which = f'"{first}"' if len(gone) == 1 else f'"{first}" to "{last}", {len(gone)} in all'
    return f"it speaks of text that was left out ({excerpt(line)}), and lines that stood there ({which}) are gone; write them out"


def _in_holes(old: Sequence[str], new: Sequence[str], seen: InPlace) -> _Found:
    places: Sequence[int | None] = []
    for hole in holes(old, new):
        told = {at: level for at in hole.came if (level := seen.telling(at))}
        others = len(hole.came) - sum(level >= Telling.WORDS for level in told.values())
        for at, level in list(told.items())[:CANDIDATES_MAX]:
            if not _stands_for_gone(level, hole, at, others):
                continue
            is_block = seen.is_in_code_block(at)
            places = places or (aligned(old, new) if is_block else [])
            if not (is_block and _is_shorthand(at, new, places)):
                yield at, hole.gone


def _is_shorthand(at: int, new: Sequence[str], places: Sequence[int | None]) -> bool:
    """In a code block which is new from its fence on, such a line is its author's shorthand: nothing of an old block is left out there."""
    for above in range(at - 1, -1, -1):
        if new[above] and places[above] is not None:
            return False
        if _FENCE.match(new[above]):
            return any(new[above + 1 : at])
    return False


def _stands_for_gone(level: Telling, hole: Hole, at: int, others: int) -> bool:
    """Whether so much is gone, for so little else that came, that the line stands for it."""
    if Telling.HINT < level < Telling.BARE and _WORDS.search(hole.came[at]) and stands_for_code(hole.came[at]):
        return True
    is_much = len(hole.gone) >= GONE_FOR_PLAIN_MIN and others <= min(len(hole.gone) * CAME_PER_GONE_MAX, ANEW_MIN)
    if level is Telling.PLAIN and is_much and not _is_reworded(hole.came[at], hole.gone):
        return True  # of such a line that was there before, this may be the new form
    if level < Telling.PLAIN and _is_reworded(hole.came[at], hole.gone):
        return False
    if _is_lost(level, len(hole.gone), others - (level is Telling.HINT)):
        return True
    near = hole.around(at)
    return _is_lost(level, len(near.gone), len(near.came) - 1)


def _is_reworded(line: str, gone: Sequence[str]) -> bool:
    """True where a line with the same words, or a good part of what is gone, spoke of left-out text too: it may be the new form of that."""
    words, gone = set(_WORDS.findall(line)), gone[:COMPARED_MAX]
    if len(words) >= SENTENCE_MIN and any(words <= set(_WORDS.findall(other)) for other in gone):
        return True
    remarks = [other for other in gone if telling(other) and not other.startswith("...")]
    if words and any(words <= set(_WORDS.findall(other)) for other in remarks):
        return True
    return sum(telling(other) >= Telling.WORDS for other in remarks) * REWORDED_SHARE >= len(gone)


def _is_lost(level: Telling, gone: int, came: int) -> bool:
    if level is Telling.HINT:
        return gone >= GONE_FOR_HINT_MIN and not came
    return gone - came >= LOST_MIN and (level < Telling.BARE or came * 3 <= gone)


def _between_neighbours(old: Sequence[str], new: Sequence[str], seen: InPlace) -> _Found:
    """Lines that say nothing else and stand alone between two old ones, which had others between them."""
    alone = [at for at in seen.candidates[:CANDIDATES_MAX] if seen.telling(at) >= Telling.PLAIN]
    if not alone:
        return
    neighbours = Neighbours(old, new)
    for at in alone:
        context = 1 if seen.telling(at) is Telling.PLAIN and seen.is_added(at) else CONTEXT_MIN
        gone = [line for line in neighbours.between(at, context) if telling(line) < Telling.PLAIN]
        if len(gone) >= LOST_MIN:
            yield at, gone


def _anywhere(old: Sequence[str], new: Sequence[str], seen: InPlace) -> _Found:
    """Lines that can be nothing else, wherever in the text something is gone."""
    plain = [at for at in seen.candidates[:CANDIDATES_MAX] if seen.is_placeholder(at)]
    if plain:
        gone = [line for line in (Counter(old) - Counter(new)).elements() if _WORDS.search(line)]
        is_much = len(gone) >= GONE_ANYWHERE_MIN
        yield from ((at, gone) for at in plain if seen.needs_no_loss(at) or (is_much and not _is_reworded(new[at], gone)))
