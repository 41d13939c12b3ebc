"""Percent forms in a path that some reader turns into a dot, a slash or NUL: doubled, in pieces, overlong, as ``%u2215``."""

import re
import unicodedata
from typing import Final

ROUNDS_MAX: Final = 8  # what is wrapped up more often than this hides something

_FORM: Final = re.compile(r"%u(?P<wide>[0-9a-f]{4})|(?P<bytes>(?:%[0-9a-f]{2})+)", re.IGNORECASE)
_OVERLONG: Final = re.compile(rb"[\xc0\xc1]|\xe0[\x80-\x9f]|\xf0[\x80-\x8f]|\xf8[\x80-\x87]|\xfc[\x80-\x83]")
_SEPARATORS: Final = frozenset("./\\\0")
_LOOKALIKES: Final = frozenset("\u2044\u2215\u29f8\u2216\u29f5")


def hides_a_separator(path: str) -> bool:
    for _ in range(ROUNDS_MAX):
        if "%" not in path:
            return False
        parts = [_decoded(match) for match in _FORM.finditer(path)]
        if not parts:
            return False
        if any(part is None or _is_separator(part) for part in parts):
            return True
        path = _FORM.sub(lambda match: _decoded(match) or "", path)
    return True


def _decoded(match: re.Match[str]) -> str | None:
    """What a form stands for; ``None`` where its bytes spell an ASCII character with more of them than it needs."""
    if match["wide"]:
        return chr(int(match["wide"], 16))
    data = bytes.fromhex(match["bytes"].replace("%", ""))
    return None if _OVERLONG.search(data) else data.decode("utf-8", "replace")


def _is_separator(text: str) -> bool:
    return not _SEPARATORS.isdisjoint(unicodedata.normalize("NFKC", text)) or not _LOOKALIKES.isdisjoint(text)
