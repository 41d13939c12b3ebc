"""Why a hunk has no place, in words that name the file's line and what stands there."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.match.forms import WHITE_SPACE, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.match.parts import Part
from autopack.edits.model import EditRefused
from autopack.edits.quote import numbers, quoted

_VOTES_PER_LINE_MAX: Final = 20


def not_found(part: Part, index: FileIndex) -> EditRefused:
    """Names the first line that differs at the place that fits best, or says that nothing of the hunk is there."""
    old = formed(part.old, WHITE_SPACE)
    if not any(part.is_removed) and _are_apart(part, old, index):
        return unanchored(part)
    start = _likeliest(part, old, index)
    if start is None:
        return EditRefused(
            RefusalCode.NOT_FOUND, f"The old lines of {part.hunk.named} do not stand in the file; copy them from the file as it is."
        )
    lines = index.formed(WHITE_SPACE)
    changed = [at for at, is_removed in enumerate(part.is_removed) if is_removed]
    for at in [*changed, *range(len(old))]:
        place = start + at
        if place < 0:
            continue
        if place >= len(lines):
            return EditRefused(
                RefusalCode.NOT_FOUND,
                f"{_named(part)} expects {quoted(part.old[at])} at line {place + 1}, but the file ends at line {len(lines)}.",
            )
        if lines[place] != old[at]:
            return EditRefused(
                RefusalCode.NOT_FOUND,
                f"Line {place + 1} is {quoted(index.lines[place])}, {part.hunk.named} expects {quoted(part.old[at])} there; "
                "copy the old lines from the file as it is.",
            )
    return unanchored(part)


def _are_apart(part: Part, old: Sequence[str], index: FileIndex) -> bool:
    """True where the neighbours of the part's first insertion are both in the file."""
    at = part.blocks[0].start
    positions = index.positions(WHITE_SPACE)
    return 0 < at < len(old) and old[at - 1] in positions and old[at] in positions


def ambiguous(part: Part, places: Sequence[int]) -> EditRefused:
    where = numbers(sorted(places))
    return EditRefused(
        RefusalCode.AMBIGUOUS,
        f"The old lines of {part.hunk.named} stand at {where}, and its line number names none of them exactly; "
        "give more context lines, or the exact number.",
    )


def unanchored(part: Part) -> EditRefused:
    """An insertion of which a neighbour is missing, or is not where the other one is."""
    insertions = [block for block in part.blocks if block.is_insertion]
    for block in insertions:
        if block.start == 0 or block.start == len(part.old):
            side = "before" if block.start == 0 else "after"
            return EditRefused(
                RefusalCode.NO_CONTEXT,
                f"The lines that {part.hunk.named} adds have no context line {side} them, so their place is a guess; "
                "show the unchanged lines on both sides.",
            )
    if insertions:
        at = insertions[0].start
        return EditRefused(
            RefusalCode.NOT_FOUND,
            f"{_named(part)} adds lines between {quoted(part.old[at - 1])} and {quoted(part.old[at])}, "
            "but these do not stand one after the other in the file; show two lines that are neighbours.",
        )
    return EditRefused(
        RefusalCode.NOT_FOUND, f"The old lines of {part.hunk.named} do not stand in the file in this order; copy them as they are."
    )


def contradicted(part: Part, place: int) -> EditRefused:
    named = (part.hunk.start or 0) + 1
    return EditRefused(
        RefusalCode.AMBIGUOUS,
        f"The old lines of {part.hunk.named} stand at line {place + 1}, but at line {named}, which its number names, nearly the same lines "
        "stand; give the exact number of the place you mean, and copy the old lines from there.",
    )


def already_there(part: Part, place: int) -> EditRefused:
    return EditRefused(
        RefusalCode.ALREADY_APPLIED, f"What {part.hunk.named} asks for already stands at line {place + 1}; leave this hunk out."
    )


def overlapping(first: str, second: str, line: int) -> EditRefused:
    return EditRefused(RefusalCode.OVERLAP, f"{first[0].upper()}{first[1:]} and {second} both change line {line}; make one change of them.")


def _likeliest(part: Part, old: Sequence[str], index: FileIndex) -> int | None:
    positions = index.positions(WHITE_SPACE)
    votes: Counter[int] = Counter()
    for at, line in enumerate(old):
        standing = positions.get(line, [])
        if line and len(standing) <= _VOTES_PER_LINE_MAX:
            votes.update({place - at: 1 for place in standing})
    named = part.hunk.start
    if not votes:
        return None if named is None or part.offset or not 0 <= named < len(index) else named
    most = max(votes.values())
    best = [start for start, count in votes.items() if count == most]
    return min(best, key=lambda start: (abs(start - (named or 0)), start))


def _named(part: Part) -> str:
    return f"T{part.hunk.named[1:]}"
