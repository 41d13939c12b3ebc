"""Whether a program in braces stops in the middle: braces left open, and a last line that is no end."""

import re
from typing import Final

from autopack.edits.content.kinds import SCRIPT_SUFFIXES, Kind, suffix_of
from autopack.edits.content.literals import spans
from autopack.edits.content.problem import Problem

_CHECKED: Final = SCRIPT_SUFFIXES | {".java", ".go", ".rs", ".cs", ".css", ".scss", ".less", ".kt", ".swift", ".php", ".dart", ".scala"}
_OPEN_END: Final = re.compile(r"[ \t].*|.*(?:[{(\[,=+*&|?:<.]|=>|->)", re.DOTALL)


def truncation_problem(path: str, text: str) -> Problem | None:
    """A file of which braces stay open, and whose last line is indented or ends in something that needs a sequel."""
    if suffix_of(path) not in _CHECKED:
        return None
    body = text.rstrip()
    last = body[body.rfind("\n") + 1 :]
    if not _OPEN_END.fullmatch(last):
        return None
    missing = _open_braces(body)
    if missing <= 0:
        return None
    reason = f"the file stops here with {missing} brace{'s' if missing > 1 else ''} still open"
    return Problem(body.count("\n") + 1, reason, "give the file to its end")


def _open_braces(text: str) -> int:
    count, position = 0, 0
    for span in spans(text, Kind.BRACES):
        count += _balance(text, position, span.start)
        position = span.end
    return count + _balance(text, position, len(text))


def _balance(text: str, start: int, end: int) -> int:
    return text.count("{", start, end) - text.count("}", start, end)
