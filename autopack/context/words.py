"""What a phase talks about, as weighted words."""

import math
import re
from collections import Counter
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


def names_said(phase: PhaseSpec) -> frozenset[str]:
    """Every word of the task as it stands, in lower case: what a symbol's own name is looked up in."""
    return frozenset(word.lower().strip("_") for word in IDENTIFIER.findall(task_of(phase)))


def task_of(phase: PhaseSpec) -> str:
    return "\n".join((phase.description.strip(), *phase.acceptance_criteria))
