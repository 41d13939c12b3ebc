"""The words of a text: identifiers are split, endings taken off, and words that say nothing left out. Pure."""

import re
from collections.abc import Iterator
from typing import Final

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
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


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)] + instead
            break
    if len(word) > _SHORTEST_STEM + 1 and word.endswith("e"):
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") else word
