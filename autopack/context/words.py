"""What a phase talks about, as weighted words."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from autopack.core.plan import PhaseSpec
from autopack.core.words import IDENTIFIER, stems

_JOINED: Final = re.compile(r"[a-z][A-Z]|[^_]_[^_]")
_FIRST_LINE_WEIGHT: Final = 1.5
_IDENTIFIER_WEIGHT: Final = 1.5


def weights_of(phase: PhaseSpec) -> dict[str, float]:
    """Each word of the task with its weight: what is said often, in the first line, or is plainly an identifier weighs more."""
    text = task_of(phase)
    weights = {word: 1 + math.log(count) for word, count in Counter(stems(text)).items()}
    for word in set(stems(text.partition("\n")[0])):
        weights[word] *= _FIRST_LINE_WEIGHT
    for name in {word.lower().strip("_") for word in IDENTIFIER.findall(text) if _JOINED.search(word)}:
        weights[name] = weights.get(name, 1) * _IDENTIFIER_WEIGHT
    return weights


class Lexicon:
    """Counts the words of the task in texts; each identifier is split once, however often it stands there."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self._known: dict[str, tuple[int, tuple[str, ...]]] = {}

    def count(self, text: str, into: Counter[str], times: int = 1) -> int:
        """How many words the text has; those of the task are added to ``into``."""
        length = 0
        for identifier in IDENTIFIER.findall(text):
            size, told = self._known.get(identifier) or self._learnt(identifier)
            length += size * times
            for word in told:
                into[word] += times
        return length

    def told(self, text: str) -> int:
        """How many words of the task the text has."""
        counts: Counter[str] = Counter()
        self.count(text, counts)
        return counts.total()

    def _learnt(self, identifier: str) -> tuple[int, tuple[str, ...]]:
        words = tuple(stems(identifier))
        self._known[identifier] = len(words), tuple(word for word in words if word in self.weights)
        return self._known[identifier]


def names_said(phase: PhaseSpec) -> frozenset[str]:
    """Every word of the task as it stands, in lower case: what a symbol's own name is looked up in."""
    return frozenset(word.lower().strip("_") for word in IDENTIFIER.findall(task_of(phase)))


def task_of(phase: PhaseSpec) -> str:
    return "\n".join((phase.description.strip(), *phase.acceptance_criteria))
