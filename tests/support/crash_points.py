"""Which calls of a run are worth a trial each."""

import random
from collections.abc import Iterable, Sequence
from typing import Final

from tests.support.crash_shim import Kind, Made

DECISIVE: Final = Kind.RENAME | Kind.UNLINK | Kind.LINK | Kind.FSYNC | Kind.EXEC
"""A tree, a file or a row is another after it than before."""


def numbered(calls: Iterable[Made], kinds: Kind) -> list[tuple[int, Made]]:
    """The calls of these kinds with the numbers they have when only such are counted."""
    return list(enumerate((made for made in calls if made.kind & kinds), start=1))


def reaches_all(calls: Sequence[Made]) -> bool:
    """Whether processes other than the first were seen, both below ``.git`` and in a check."""
    others = [made.path for made in calls if made.pid != calls[0].pid]
    return any("/.git/" in path for path in others) and any("/build/" in path and "/.git/" not in path for path in others)


def thorough(calls: Sequence[Made], kinds: Kind, rest: int, seed: int, *, is_of_others: bool = False) -> list[int]:
    """Every decisive call, the first and the last write of each file, and a sample of the rest.

    ``is_of_others`` leaves out what the first process itself called: who kills the caller there does what killing the first does.
    """
    main = calls[0].pid
    counted = [(number, made) for number, made in numbered(calls, kinds) if not (is_of_others and made.pid == main)]
    writes = [(number, made.path) for number, made in counted if made.kind is Kind.WRITE]
    first = {path: number for number, path in reversed(writes)}
    last = {path: number for number, path in writes}
    chosen = {number for number, made in counted if made.kind & DECISIVE} | {*first.values(), *last.values()}
    others = [number for number, _ in counted if number not in chosen]
    return sorted(chosen | set(random.Random(seed).sample(others, min(rest, len(others)))))  # noqa: S311 - the same choice every time


def sampled(calls: Sequence[Made], kinds: Kind, count: int, seed: int) -> list[int]:
    """A sample that is spread evenly: one call of each of ``count`` stretches."""
    total = len(numbered(calls, kinds))
    dice = random.Random(seed)  # noqa: S311 - the same choice every time
    count = min(count, total)
    return [min(total, 1 + int((index + dice.random()) * total / count)) for index in range(count)]
