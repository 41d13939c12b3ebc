"""Text of others in a prompt: between ``<name ... KEY>`` and ``</name KEY>``, with a key that stands nowhere in what is framed.

The key is made from the block's own text, so the same block always reads the same, and no text can hold its own key.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autopack.core.visible import spelled

_SHORTEST_KEY: Final = 4


@dataclass(frozen=True)
class Framed:
    """``head`` are attributes, quoted already; ``body`` is shown as whole lines, its odd characters spelled out."""

    name: str
    body: str
    head: str = ""

    def __len__(self) -> int:
        return len(self.head) + len(self.body)


def in_frames(parts: Iterable[str | Framed]) -> str:
    """One prompt block: our own words as they are, the rest in frames that share one key."""
    made = [_spelled(part) if isinstance(part, Framed) else part for part in parts]
    key = _key("\0".join(part if isinstance(part, str) else f"{part.head}\0{part.body}" for part in made))
    return "".join(part if isinstance(part, str) else _text(part, key) for part in made)


def _spelled(part: Framed) -> Framed:
    body = spelled(part.body)
    return Framed(part.name, body if not body or body.endswith("\n") else body + "\n", part.head)


def _text(part: Framed, key: str) -> str:
    head = f" {part.head}" if part.head else ""
    return f"<{part.name}{head} {key}>\n{part.body}</{part.name} {key}>\n"


def _key(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return next(digest[:length] for length in range(_SHORTEST_KEY, len(digest) + 1) if digest[:length] not in text)
