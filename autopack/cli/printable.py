"""Makes safe to print what models and commands wrote: no escape sequences, no controls, nothing turned round or hidden."""

from typing import Final

from autopack.core.visible import UNSEEN, printable

_CUT_FACTOR: Final = 20


def flat(text: str) -> str:
    """The whole text on one line."""
    return " ".join(printable(text).split("\n")) if needs_care(text) else text


def needs_care(text: str) -> bool:
    """Whether anything of it may not stand on a screen as it is."""
    return "\n" in text or UNSEEN.search(text) is not None


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
