"""Text of others as Markdown shows it: words that stay words, code that stays code. Pure."""

import re
from typing import Final

from autopack.core.visible import printable

_MARKUP: Final = re.compile(r"([\\`*\[\]<>#|~&!@]|(?<!\w)_|_(?!\w))")
_TICKS: Final = re.compile(r"`+")


def plain(text: str) -> str:
    """On one line, every mark escaped."""
    return _MARKUP.sub(r"\\\1", " ".join(printable(text).split()))


def code(text: str) -> str:
    """Inline code on one line, whatever it holds."""
    shown = printable(text).replace("\n", "⏎") or " "
    ticks = "`" * (longest_run(shown) + 1)
    space = " " if "`" in shown else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def block(text: str, language: str = "") -> str:
    """A code block that nothing in the text closes; the text stays as it is."""
    ticks = "`" * max(3, longest_run(text) + 1)
    return f"{ticks}{language}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{ticks}\n"


def longest_run(text: str) -> int:
    """Of backticks."""
    return max(map(len, _TICKS.findall(text)), default=0)
