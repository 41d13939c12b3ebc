"""The one-time code in the address that a server prints: good once, and for a minute."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

GOOD_FOR_S: Final = 60.0


@dataclass
class Codes:
    """Keeps digests alone."""

    _until: dict[bytes, float] = field(default_factory=dict)

    def add(self, code: str, now: float) -> None:
        self._until[_digest(code)] = now + GOOD_FOR_S

    def take(self, code: str, now: float) -> bool:
        """Whether the code was good; it never is again."""
        digest = _digest(code)
        known = next((one for one in self._until if hmac.compare_digest(one, digest)), None)
        return known is not None and self._until.pop(known) > now


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).digest()
