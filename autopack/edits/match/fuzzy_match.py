"""Places where a hunk stands although some of its context does not: the context lines vote, the changed lines must all be there."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from autopack.edits.match.forms import UNICODE, formed
from autopack.edits.match.index import FileIndex
from autopack.edits.match.parts import Part
from autopack.edits.match.placement import Placement

DRIFT_MAX: Final = 3  # lines that may be missing or new between two lines of a hunk
CANDIDATES_MAX: Final = 500
PATHS_KEPT: Final = 2
CLEAR_LEAD: Final = 2
BEST_COMPARED: Final = 20
SIDE_VOTERS_MIN: Final = 2  # fewer context lines on one side may well have changed, all of them
SHARE: Final = 2  # one in so many of the context lines has to stand there
SHARE_WHERE_NAMED: Final = 4  # as above, where every change is exactly where the hunk's number says
ABSENT_WEIGHT: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Path:
    """The chosen place of a block, all the votes so far, the context that voted since the block before, and the way there."""

    votes: int
    start: int
    matched: tuple[tuple[int, int], ...]
    before: "_Path | None" = None

    def steps(self) -> "Iterator[_Path]":
        """The path's steps, the last one first."""
        step: _Path | None = self
        while step is not None:
            yield step
            step = step.before


@dataclass(frozen=True)
class _Found:
    """A path to the end: the places of all blocks, and the file lines of the context that voted."""

    votes: int
    starts: tuple[int, ...]
    matched: tuple[tuple[int, int], ...]


def voted(part: Part, index: FileIndex) -> list[Placement]:
    """Gives the places at which every changed line stands and at least half of the context lines that say something."""
    old = formed(part.old, UNICODE)
    voters = sum(1 for line, is_removed in zip(old, part.is_removed, strict=True) if line and not is_removed)
    if not part.blocks or not voters:
        return []
    paths = _first_paths(part, old, index)
    for number in range(1, len(part.blocks)):
        paths = list(_longer_paths(part, old, index, number, paths))
    ended = [_to_the_end(part, old, index, path) for path in paths]
    likely = [path for path in ended if _is_likely(part, old, index, path, voters)]
    likely.sort(key=lambda path: -path.votes)
    return [_standing(part, path) for path in likely if not _is_poorer(path, likely)]


def _is_likely(part: Part, old: Sequence[str], index: FileIndex, path: _Found, voters: int) -> bool:
    start = part.hunk.start
    is_named = start is not None and not part.offset
    if is_named and all(at == (start or 0) + block.start for at, block in zip(path.starts, part.blocks, strict=True)):
        return path.votes * SHARE_WHERE_NAMED >= voters and _outweighs(part, old, index, path)
    return path.votes * SHARE >= voters and _has_votes_on_both_sides(part, old, path) and _outweighs(part, old, index, path)


def _has_votes_on_both_sides(part: Part, old: Sequence[str], path: _Found) -> bool:
    """Says whether the context before the first change voted, and that after the last: a side that fits nowhere is no accident."""
    matched = {ours for ours, _ in path.matched if old[ours]}
    sides = (range(part.blocks[0].start), range(part.blocks[-1].end, len(old)))
    return all(sum(1 for at in side if old[at]) < SIDE_VOTERS_MIN or not matched.isdisjoint(side) for side in sides)


def _outweighs(part: Part, old: Sequence[str], index: FileIndex, path: _Found) -> bool:
    """Says whether what stands there weighs more than the context that stands elsewhere: a rare line tells more than a common one.

    A context line that the file does not have at all weighs little: it may have been changed since.
    """
    index.spend(len(old))
    positions = index.positions(UNICODE)
    matched = {ours for ours, _ in path.matched}
    for_it = against = 0.0
    for at, line in enumerate(old):
        if line and (part.is_removed[at] or at in matched):
            for_it += 1 / len(positions[line])
        elif line:
            against += 1 / len(positions[line]) if line in positions else ABSENT_WEIGHT
    return for_it >= against


def _is_poorer(path: _Found, paths: Sequence[_Found]) -> bool:
    """True for a path that shares a place with one that has clearly more votes: it is the same find, worse aligned."""
    richer = (other for other in paths[:BEST_COMPARED] if other.votes >= path.votes + CLEAR_LEAD)
    return any(not set(other.starts).isdisjoint(path.starts) for other in richer)


def _candidates(part: Part, old: Sequence[str], index: FileIndex, number: int) -> list[int]:
    """The places of one block: where its removed lines stand, or where an insertion's two neighbours stand together."""
    block = part.blocks[number]
    if not block.is_insertion:
        found = list(islice(index.places(old[block.start : block.end], UNICODE), CANDIDATES_MAX + 1))
    elif block.start == 0:
        found = [0] if part.opens and old and index.stands_at(old[:1], 0, UNICODE) else []
    elif block.start == len(old):
        found = [len(index)] if part.closes and index.stands_at(old[-1:], len(index) - 1, UNICODE) else []
    else:
        low, high = _anchors(old, block.start)
        found = [at + block.start - low for at in islice(index.places(old[low:high], UNICODE), CANDIDATES_MAX + 1)]
    return found if len(found) <= CANDIDATES_MAX else []


def _anchors(old: Sequence[str], at: int) -> tuple[int, int]:
    """The two neighbours of an insertion; where both are blank, out to the first lines that are not: blanks stand side by side anywhere."""
    low, high = at - 1, at + 1
    if old[low] or old[at]:
        return low, high
    while low > 0 and not old[low]:
        low -= 1
    while high < len(old) and not old[high - 1]:
        high += 1
    return low, high


def _first_paths(part: Part, old: Sequence[str], index: FileIndex) -> list[_Path]:
    leading = old[: part.blocks[0].start]
    paths = []
    for start in _candidates(part, old, index, 0):
        low = max(0, start - len(leading) - DRIFT_MAX)
        pairs = _aligned(leading[::-1], index.formed(UNICODE)[low:start][::-1], index)
        matched = tuple((len(leading) - 1 - ours, start - 1 - theirs) for ours, theirs in reversed(pairs))
        paths.append(_Path(_weight(old, matched), start, matched))
    return paths


def _longer_paths(part: Part, old: Sequence[str], index: FileIndex, number: int, paths: list[_Path]) -> Iterator[_Path]:
    """Extends each path by the places of the next block that lie about as far away as in the hunk; keeps the best for each."""
    before, block = part.blocks[number - 1], part.blocks[number]
    between = old[before.end : block.start]
    candidates = _candidates(part, old, index, number)
    reached: dict[int, list[_Path]] = {}
    for path in paths:
        end = path.start + before.end - before.start
        low = max(end, end + len(between) - DRIFT_MAX)
        for start in candidates[bisect_left(candidates, low) : bisect_left(candidates, end + len(between) + DRIFT_MAX + 1)]:
            pairs = _aligned(between, index.formed(UNICODE)[end:start], index)
            matched = tuple((before.end + ours, end + theirs) for ours, theirs in pairs)
            longer = _Path(path.votes + _weight(old, matched), start, matched, path)
            reached.setdefault(start, []).append(longer)
    for longer_paths in reached.values():
        yield from sorted(longer_paths, key=lambda path: -path.votes)[:PATHS_KEPT]


def _to_the_end(part: Part, old: Sequence[str], index: FileIndex, path: _Path) -> _Found:
    last = part.blocks[-1]
    end = path.start + last.end - last.start
    trailing = old[last.end :]
    pairs = _aligned(trailing, index.formed(UNICODE)[end : end + len(trailing) + DRIFT_MAX], index)
    matched = tuple((last.end + ours, end + theirs) for ours, theirs in pairs)
    steps = list(path.steps())[::-1]
    index.spend(len(steps))
    return _Found(
        path.votes + _weight(old, matched),
        tuple(step.start for step in steps),
        (*(pair for step in steps for pair in step.matched), *matched),
    )


def _aligned(ours: Sequence[str], theirs: Sequence[str], index: FileIndex) -> list[tuple[int, int]]:
    """Pairs equal lines of two short sequences in order: the longest common subsequence within a band of the drift."""
    width = 2 * DRIFT_MAX + 1
    index.spend(width * (len(ours) + 1))
    best = [[0] * (width + 1) for _ in range(len(ours) + 1)]
    for at in range(len(ours) - 1, -1, -1):
        for band in range(width - 1, -1, -1):
            other = at + band - DRIFT_MAX
            skip_theirs = best[at][band + 1] if band + 1 < width else 0
            skip_ours = best[at + 1][band - 1] if band > 0 else 0
            both = best[at + 1][band] + 1 if 0 <= other < len(theirs) and ours[at] == theirs[other] else 0
            best[at][band] = max(skip_theirs, skip_ours, both)
    return list(_traced(ours, theirs, best))


def _traced(ours: Sequence[str], theirs: Sequence[str], best: list[list[int]]) -> Iterator[tuple[int, int]]:
    at, band = 0, DRIFT_MAX
    while at < len(ours) and best[at][band]:
        other = at + band - DRIFT_MAX
        if 0 <= other < len(theirs) and ours[at] == theirs[other] and best[at][band] == best[at + 1][band] + 1:
            yield at, other
            at += 1
        elif band + 1 <= 2 * DRIFT_MAX and best[at][band] == best[at][band + 1]:
            band += 1
        else:
            at, band = at + 1, band - 1


def _weight(old: Sequence[str], matched: Sequence[tuple[int, int]]) -> int:
    return sum(1 for ours, _ in matched if old[ours])


def _standing(part: Part, path: _Found) -> Placement:
    at: list[int | None] = [None] * len(part.old)
    for ours, theirs in path.matched:
        at[ours] = theirs
    for block, start in zip(part.blocks, path.starts, strict=True):
        at[block.start : block.end] = range(start, start + block.end - block.start)
        if block.is_insertion and block.start > 0:
            at[block.start - 1] = start - 1
        if block.is_insertion and block.start < len(at):
            at[block.start] = start
    return Placement(part, UNICODE, tuple(at))
