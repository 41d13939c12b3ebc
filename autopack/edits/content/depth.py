"""How deep brackets nest in a text, without recursion and in time proportional to it."""

import re
from collections.abc import Iterator
from typing import Final

_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def too_deep_at(text: str, limit: int) -> int | None:
    """The offset of the first bracket that opens a level below ``limit``; brackets in double-quoted strings do not count."""
    if text.count("[") + text.count("{") <= limit:
        return None
    depth = 0
    for bracket, offset in _brackets(text):
        depth += 1 if bracket in "[{" else -1
        if depth > limit:
            return offset
    return None


def _brackets(text: str) -> Iterator[tuple[str, int]]:
    return ((match[0], match.start()) for match in _BRACKETS.finditer(text) if match[0][0] != '"')
