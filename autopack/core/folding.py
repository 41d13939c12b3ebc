"""When what tools gave earlier no longer pays: kept, it is read from the provider's cache by every question; folded, it is sent in short.

Folding changes the request where the fold begins, so that what follows has to be sent anew once. It pays where the questions to come would
read more than that. As many are expected as there were, as far as the rounds allow; half of what is folded is taken to be asked for
again.
"""

from collections.abc import Sequence
from typing import Final

from autopack.core.model import Frozen

FOLDED_FROM_CHARACTERS: Final = 500
"""Shorter results are not worth a fold."""

KEPT_ROUNDS: Final = 4
_ASKED_AGAIN: Final = 0.5


class Rates(Frozen):
    """What a token of a prompt costs: ``kept`` in a prefix that the provider's cache has, ``sent`` where it is read anew and kept."""

    kept: float
    sent: float


class RoundSize(Frozen):
    """Characters of a round: all of its texts, and those of its results that a fold would leave out."""

    all: int
    foldable: int


def rounds_to_fold(sizes: Sequence[RoundSize], folded: int, rounds_left: int, rates: Rates) -> int:
    """How many of the first rounds are folded from now on, where ``folded`` of them are already; the latest ones never are.

    Nothing is folded before the last question: what it needs could not be asked for again.
    """
    if rounds_left < 1:
        return folded
    gains = {first: _gain(sizes, range(folded, first), rounds_left, rates) for first in range(folded + 1, len(sizes) - KEPT_ROUNDS + 1)}
    best = max(gains, key=lambda first: gains[first], default=folded)
    return best if gains.get(best, 0) > 0 else folded


def _gain(sizes: Sequence[RoundSize], rounds: range, rounds_left: int, rates: Rates) -> float:
    """What folding these saves over the question at hand and those expected, less what it costs; in characters times rates."""
    out = sum(sizes[number].foldable for number in rounds)
    follows = sum(size.all for size in sizes[rounds.start : -1]) - out
    questions = 1 + min(rounds_left, len(sizes))
    return questions * rates.kept * out - (rates.sent - rates.kept) * follows - _ASKED_AGAIN * rates.sent * out
