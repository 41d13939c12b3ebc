"""Reads the lines of one hunk: counts in headers are not believed, they only settle what a line that reads two ways is."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from autopack.core.refusal import RefusalCode
from autopack.edits.diff.hunk import Hunk, HunkLine, Mark
from autopack.edits.model import EditRefused

_HEADER: Final = re.compile(r"@@+[ \t]*-(\d++)(?:,(\d++))?[ \t]++\+(\d++)(?:,(\d++))?")
_DIGITS_MAX: Final = 7  # no file that can be edited has ten million lines
_FENCE: Final = re.compile(r"(`{3,}|~{3,})[ \t]*\r?$")
_BEGINNINGS: Final = ("@@", "diff --git ", "Index: ")
_HEADER_SHOWN_MAX: Final = 40
_MARKS: Final[dict[str, Mark]] = {" ": " ", "-": "-", "+": "+"}


Left = tuple[int, int] | None


class Numbers(NamedTuple):
    number: int | None
    old_count: int | None
    new_count: int | None


def is_hunk_header(line: str) -> bool:
    return line.startswith("@@")


def read_hunk(lines: Sequence[str], at: int) -> tuple[Hunk, int]:
    """Reads the hunk whose header is line ``at``; gives it and the index of the line after it."""
    numbers = _numbers(lines[at])
    body: list[HunkLine] = []
    lacking: set[Mark] = set()
    old = new = 0
    index = at + 1
    while index < len(lines):
        line = lines[index]
        if _ends_hunk(lines, index, _left(numbers, old, new)):
            break
        index += 1
        if line.startswith("\\ "):
            lacking.update((" ",) if not body else (body[-1].mark,))
            continue
        mark = _MARKS.get(line[:1])
        body.append(HunkLine(" ", line, is_bare=True) if mark is None else HunkLine(mark, line[1:]))
        old += mark != "+"
        new += mark != "-"
    hunk = Hunk(
        header=_shown_header(lines[at]),
        number=numbers.number,
        lines=tuple(body),
        old_count=numbers.old_count,
        new_count=numbers.new_count,
        old_lacks_newline=bool(lacking & {" ", "-"}),
        new_lacks_newline=bool(lacking & {" ", "+"}),
    )
    return hunk, index


def is_file_header(lines: Sequence[str], at: int, left: Left = (0, 0)) -> bool:
    """Says whether ``---`` and ``+++`` begin a file here, rather than being a removed ``-- x`` and an added ``++ y``.

    Args:
        lines: the diff.
        at: index of the line in question.
        left: how many old and new lines the hunk before still lacks by its header; ``None`` where it has no numbers.
    """
    if not lines[at].startswith("--- ") or at + 1 >= len(lines) or not lines[at + 1].startswith("+++ "):
        return False
    if left == (1, 1) or not (at + 2 == len(lines) or is_hunk_header(lines[at + 2]) or left == (0, 0)):
        return False
    old, new = bare_name(lines[at][4:]), bare_name(lines[at + 1][4:])
    return left == (0, 0) or old == new or "/dev/null" in (old, new)


def _numbers(header: str) -> Numbers:
    match = _HEADER.match(header)
    if match is None:
        return Numbers(None, None, None)
    if any(len(number.lstrip("0")) > _DIGITS_MAX for number in match.groups() if number):
        raise EditRefused(
            RefusalCode.RANGE, f"The hunk `{_shown_header(header)}` names a line beyond any file; count in the file as it was shown."
        )
    start, old, _, new = match.groups()
    return Numbers(int(start), None if old is None else int(old), None if new is None else int(new))


def _shown_header(line: str) -> str:
    match = _HEADER.match(line)
    shown = f"{match[0]} @@" if match else line.strip()
    return shown if len(shown) <= _HEADER_SHOWN_MAX else shown[:_HEADER_SHOWN_MAX] + "…"


def _left(numbers: Numbers, old: int, new: int) -> Left:
    """How many old and new lines are still to come by the header, where a count that is not written means 1."""
    if numbers.number is None:
        return None
    return (1 if numbers.old_count is None else numbers.old_count) - old, (1 if numbers.new_count is None else numbers.new_count) - new


def _ends_hunk(lines: Sequence[str], at: int, left: Left) -> bool:
    line = lines[at]
    match line[:1]:
        case "@" | "d" | "I":
            return line.startswith(_BEGINNINGS)
        case "`" | "~":
            return _FENCE.match(line) is not None
        case "-":
            return is_file_header(lines, at, left) or (line == "-- " and left == (0, 0))
        case "+":
            return left != (0, 1) and _is_new_name_only(lines, at)
    return False


def _is_new_name_only(lines: Sequence[str], at: int) -> bool:
    """A file that begins with nothing but ``+++ b/name``, as some models write it."""
    line = lines[at]
    return line.startswith("+++ b/") and " " not in line[4:] and at + 1 < len(lines) and is_hunk_header(lines[at + 1])


def bare_name(name: str) -> str:
    """A name of a header without its time stamp, ``a/`` and ``b/``."""
    name = name.split("\t", maxsplit=1)[0].rstrip()
    return name[2:] if name[:2] in ("a/", "b/") else name
