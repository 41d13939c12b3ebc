"""Sharing a budget fairly: what wants little gets it, the rest share what is left alike."""

from collections.abc import Sequence


def allot(wanted: Sequence[int], budget: int) -> tuple[int, ...]:
    """How much of the budget each one gets, at most what it wants; the sum never passes the budget."""
    granted = [0] * len(wanted)
    left = max(0, budget)
    for rank, index in enumerate(sorted(range(len(wanted)), key=lambda index: (wanted[index], index))):
        granted[index] = min(wanted[index], left // (len(wanted) - rank))
        left -= granted[index]
    return tuple(granted)
