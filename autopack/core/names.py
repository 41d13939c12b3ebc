"""Ids of runs and phases: one grammar, since they become branch names, folders and trailers."""

import re
from typing import Final

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def is_valid_id(text: str) -> bool:
    """``[a-z0-9][a-z0-9._-]{0,63}`` without ``..``, without a final ``.`` or ``.lock``."""
    return bool(_ID.fullmatch(text)) and ".." not in text and not text.endswith((".", ".lock"))


def slug(text: str) -> str:
    """The nearest valid id to any text; ``project`` where nothing of it is left."""
    kept = re.sub(r"[^a-z0-9._-]+", "-", text.lower())
    kept = re.sub(r"\.{2,}", ".", kept).strip("-._")[:64].rstrip("-._").removesuffix(".lock")
    return kept if is_valid_id(kept) else "project"


def nearest(word: str, known: list[str]) -> str | None:
    """The known word one would have meant, or None."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)


def is_one_slip_away(word: str, other: str) -> bool:
    """Whether one character typed wrong, left out, added, or two neighbours swapped lead from one word to the other."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    short, long = sorted((word, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] or (short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :])
