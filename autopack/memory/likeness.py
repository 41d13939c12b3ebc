"""How alike two texts are, by the words that both hold: what few others hold weighs more. Pure."""

import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

_HALF: Final = 0.5


def likeness(one: AbstractSet[str], other: AbstractSet[str], frequencies: Mapping[str, int], total: int) -> float:
    """The cosine of both, each word weighed by how rare it is among ``total`` texts: 0 is nothing in common, 1 the same words."""
    weights = {word: math.log(1 + (total + 1) / (frequencies.get(word, 0) + _HALF)) for word in one | other}
    common = _length(weights[word] for word in one & other)
    lengths = _length(weights[word] for word in one) * _length(weights[word] for word in other)
    return common * common / lengths if lengths else 0.0


def _length(weights: Iterable[float]) -> float:
    return math.sqrt(sum(weight * weight for weight in weights))
