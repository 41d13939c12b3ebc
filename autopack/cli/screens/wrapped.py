"""Breaks a cell's text into lines of a width: at spaces, else behind punctuation, else anywhere."""

import re
from typing import Final

from rich.cells import cell_len
from rich.text import Text

_MARKS: Final = re.compile(r"(?<=[ /.,:_-])")


def wrapped(text: Text, width: int) -> list[Text]:
    """At least one line; none is wider than the width, and no character is lost but the spaces at a break."""
    if text.cell_len <= width:
        return [text]
    plain, ends, start = text.plain, [], 0
    while cell_len(plain[start:]) > width:
        start += _fitting(plain[start:], width)
        ends.append(start)
    lines = list(text.divide(ends))
    for line in lines:
        line.rstrip()
    return lines


def _fitting(plain: str, width: int) -> int:
    """How many characters the first line takes."""
    room = next(count for count in range(len(plain), 0, -1) if count == 1 or cell_len(plain[:count]) <= width)
    space = plain.rfind(" ", 0, room + 1)
    if space > 0:
        return space + 1
    marks = [found.start() for found in _MARKS.finditer(plain) if width // 2 <= found.start() <= room]
    return marks[-1] if marks else room
