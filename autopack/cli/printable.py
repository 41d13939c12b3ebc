"""Makes safe to print what models and commands wrote: no escape sequences, no controls, nothing turned round or hidden."""

import re
from typing import Final

from autopack.core.visible import ODD

_SEQUENCES: Final = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # titles, links, clipboards: up to their end on the same line
    r"|[\x9d\x90\x98\x9e\x9f][^\x07\n\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movement
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNSEEN: Final = re.compile(rf"[\u200e\u200f\ud800-\udfff]|{ODD.pattern}")
_ENDS: Final = re.compile(r"\r\n?")
_CUT_FACTOR: Final = 20


def printable(text: str) -> str:
    """Line ends become newlines, escape sequences and controls vanish, characters that nobody sees are spelled out."""
    text = _ENDS.sub("\n", _SEQUENCES.sub("", text))
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", _CONTROLS.sub("", text))


def flat(text: str) -> str:
    """The whole text on one line."""
    return " ".join(printable(text).split("\n")) if needs_care(text) else text


def needs_care(text: str) -> bool:
    """Whether anything of it may not stand on a screen as it is."""
    return "\n" in text or _UNSEEN.search(text) is not None


def one_line(text: str, limit: int) -> str:
    """The text on one line of at most so many characters; ``…`` stands for what is left out."""
    words = " ".join(printable(text[: limit * _CUT_FACTOR]).split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def few_lines(text: str, count: int, width: int) -> list[str]:
    """The first lines that are not empty, each cut to the width; the last says how many follow."""
    lines = [line.rstrip() for line in printable(text).splitlines() if line.strip()]
    shown = [line if len(line) <= width else line[: width - 1] + "…" for line in lines[:count]]
    more = len(lines) - count
    return [*shown, f"… {more} more lines"] if more > 0 else shown
