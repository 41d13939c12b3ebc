"""Makes one order of several by reciprocal rank: what stands far up in any comes far up, most of all what does in each. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)

_FLATTENING: Final = 60
"""As usual for reciprocal ranks: a place more or less at the top does not decide alone."""


def fused(*orders: Sequence[Key]) -> list[Key]:
    """Each key once; of equals, that of the earlier order first."""
    weights: dict[Key, float] = defaultdict(float)
    for order in orders:
        for place, key in enumerate(dict.fromkeys(order), 1):
            weights[key] += 1 / (_FLATTENING + place)
    return sorted(weights, key=lambda key: -weights[key])
