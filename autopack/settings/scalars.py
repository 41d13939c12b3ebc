"""What an unquoted YAML scalar means: the core schema of YAML 1.2, so that ``no`` and ``2024-01-01`` stay text."""

import re
from typing import Final

from autopack.settings.node import Scalar

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]{1,15}")
_OCTAL: Final = re.compile(r"0o[0-7]{1,20}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]{1,40}|[0-9]{1,40}(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,2})?")


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Infinities, NaN and numbers beyond any use stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text
