"""How many tokens a text is to a model: a quarter of its characters, corrected by what the model's replies reported.

No tokenizer is asked: those of the vendors are not public, or not for all their models. What a reply reports is the truth, one prompt late.
"""

from collections.abc import Iterable
from typing import Final

from autopack.core.model import Frozen

CHARACTERS_PER_TOKEN: Final = 4.0
"""Of a model that nothing is known of yet."""

_TRUSTED_TOKENS: Final = 4_000
_LEAST_FACTOR: Final = 0.5
_MOST_FACTOR: Final = 2.5
_FINEST: Final = 0.25


class Counted(Frozen):
    """Prompts of one model: as how many tokens they were estimated, and how many its replies reported."""

    estimated: int = 0
    reported: int = 0

    @property
    def factor(self) -> float:
        """Reported tokens for each estimated one; few prompts do not say much yet, and no report is believed beyond reason."""
        factor = (self.reported + _TRUSTED_TOKENS) / (self.estimated + _TRUSTED_TOKENS)
        return min(_MOST_FACTOR, max(_LEAST_FACTOR, factor))

    @property
    def characters_per_token(self) -> float:
        """In quarters, so that what is shown does not change with every reply."""
        return round(CHARACTERS_PER_TOKEN / self.factor / _FINEST) * _FINEST


def estimated_tokens(texts: Iterable[str]) -> int:
    """Before it is corrected: four characters a token, one token for each character outside ASCII."""
    told = tuple(texts)
    plain = sum(len(text.encode("ascii", "ignore")) for text in told)
    return int(plain / CHARACTERS_PER_TOKEN) + sum(map(len, told)) - plain
