"""Reads the sizes that a person types: ``500M``, ``2G``."""

import re
from typing import Final

from autopack.core.errors import UsageError

_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_BYTES: Final = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000}


def bytes_of(text: str, option: str) -> int:
    """Decimal, as everything that Autopack prints: ``2G`` are 2,000,000,000. Raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{option} {text}: give a size such as 500M or 2G.")
    return int(float(found[1]) * _BYTES[found[2].upper()])
