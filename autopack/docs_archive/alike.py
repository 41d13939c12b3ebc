"""Finds documents that say nearly the same: by the share of five-word stretches that both have. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from autopack.docs_archive.document import Document

_STRETCH: Final = 5
_WORD: Final = re.compile(r"\w+")

_FEW: Final = 20
_NEARLY: Final = 0.9999

Stretches = frozenset[int]


@dataclass
class Group:
    """``merged`` are the others, each with how alike it is to the first; 1 for the same bytes."""

    first: Document
    merged: list[tuple[Document, float]] = field(default_factory=list)


def stretches_of(text: str) -> Stretches:
    """A text of few words is one stretch: it is like those only that say the same."""
    words = _WORD.findall(text.lower())
    if len(words) < _FEW:
        return frozenset({hash(" ".join(text.split()))})
    return frozenset(hash(tuple(words[at : at + _STRETCH])) for at in range(len(words) - _STRETCH + 1))


def likeness(one: Stretches, other: Stretches) -> float:
    """0 is nothing in common, 1 the same words in the same order."""
    return len(one & other) / len(one | other)


def groups_of(settled: Sequence[Document], found: Sequence[Document], least: float) -> list[Group]:
    """Documents that are alike, the one that stands for them first: a settled one, else the newest, then the longest.

    Gives a group for each settled document, then those of the others, oldest first.
    """
    groups = [(stretches_of(one.text), Group(one)) for one in settled]
    for document in sorted(found, key=lambda one: (one.date, len(one.data), one.path), reverse=True):
        mine = stretches_of(document.text)
        for theirs, group in groups:
            figure = _figure((document, mine), (group.first, theirs), least)
            if figure is not None:
                group.merged.append((document, figure))
                break
        else:
            groups.append((mine, Group(document)))
    ordered = [group for _, group in groups]
    return [*ordered[: len(settled)], *sorted(ordered[len(settled) :], key=lambda group: (group.first.date, group.first.path))]


def _figure(one: tuple[Document, Stretches], other: tuple[Document, Stretches], least: float) -> float | None:
    """How alike both are, less than 1 where their bytes differ; None where that is too little."""
    if one[0].data == other[0].data:
        return 1.0
    short, long = sorted((len(one[1]), len(other[1])))
    if short < long * least:
        return None
    figure = min(round(likeness(one[1], other[1]), 4), _NEARLY)
    return figure if figure >= least else None
