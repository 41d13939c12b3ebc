"""What stays of a failure's message from one time to the next, and whether two messages say the same. Pure."""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

SIMILARITY: Final = 0.8
SHORTEST: Final = 30
"""Shorter fingerprints are alike only where they are the same."""

_QUOTED: Final = r"`[^`\n]*`|\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)|[\u2018\u201c\u00ab][^\u2019\u201d\u00bb\n]*[\u2019\u201d\u00bb]"
_ID: Final = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_TIME: Final = r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b"
_PATH: Final = r"(?:[\w.@~+-]*[/\\])+[\w.@~+-]*|\b[\w-]+\.[a-z]\w{0,4}\b"
_HEX: Final = r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b"
_NUMBER: Final = r"\d+(?:[.,]\d+)*"
_CHANGING: Final = re.compile(f"{_QUOTED}|{_ID}|{_TIME}|{_PATH}|{_HEX}|{_NUMBER}", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s+")
_COMPARED: Final = 2000
"""Characters of a fingerprint that are compared; `difflib` takes the square of them."""


def fingerprint(message: str) -> str:
    """The message without what changes from one time to the next: quotes, ids, times, paths, hex, numbers."""
    return _SPACE.sub(" ", _CHANGING.sub("*", message)).strip().casefold()


def are_near(one: str, other: str, similarity: float = SIMILARITY, shortest: int = SHORTEST) -> bool:
    """Whether two fingerprints are nearly the same text."""
    first, second = sorted((one, other))
    if first == second or min(len(first), len(second)) < shortest:
        return first == second
    return _ratio(first[:_COMPARED], second[:_COMPARED]) >= similarity


@lru_cache(maxsize=64)
def _ratio(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
