"""What a phase talks about, as weighted words: identifiers are split, endings taken off, and words that say nothing left out."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from autopack.core.plan import PhaseSpec

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_JOINED: Final = re.compile(r"[a-z][A-Z]|[^_]_[^_]")
_FIRST_LINE_WEIGHT: Final = 1.5
_IDENTIFIER_WEIGHT: Final = 1.5
_SHORTEST_STEM: Final = 3
_ENDINGS: Final = (("ing", ""), ("ies", "i"), ("ied", "i"), ("ed", ""), ("es", ""), ("s", ""))
_SAY_NOTHING: Final = """
    the a an and or of to in is it for on with that this be as are by from at not if when we you i was use using used add added fix
    fixed now can should will so but do does have has which all more only into no than then also instead would been being their its
    they there these those what where
"""
_STOP_WORDS: Final = frozenset(_SAY_NOTHING.split())


def stems(text: str) -> Iterator[str]:
    """``parseHttpURL`` gives ``parse``, ``http``, ``url`` without their endings, and itself in lower case."""
    for word in IDENTIFIER.findall(text):
        parts = [part.lower() for part in _PART.findall(word)]
        yield from (_stem(part) for part in parts if len(part) > 1 and part not in _STOP_WORDS)
        if len(parts) > 1:
            yield word.lower().strip("_")


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


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)] + instead
            break
    if len(word) > _SHORTEST_STEM + 1 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word
