"""Prints labelled sentences: wraps them under their label on a terminal, keeps one line each in a pipe."""

import textwrap
from collections.abc import Iterator

from rich.text import Text

from autopack.cli.printable import flat, one_line

LABEL = 9
INDENT = " " * LABEL
_LONGEST = 2000
_NARROWEST = 20


def labelled(label: str, value: str | Text, style: str = "") -> Text:
    """``branch   autopack/x``: the label in a column of its own."""
    return Text.assemble((label.ljust(LABEL - 1) + " ", "dim"), value if isinstance(value, Text) else (flat(value), style))


def sentence(label: str, text: str, width: int | None, *, lines: int = 3, style: str = "") -> Iterator[Text]:
    """At most so many lines under a label; ``…`` stands for what is left out. ``width`` None: a pipe, one line."""
    words = one_line(text, _LONGEST)
    if width is None:
        yield labelled(label, words, style)
        return
    room = max(width - LABEL, _NARROWEST)
    first, *more = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False, max_lines=lines, placeholder=" …") or [""]
    yield labelled(label, first, style)
    for line in more:
        yield Text(INDENT) + Text(line, style=style)
