"""Whether a text is TOML."""

import re
import tomllib
from typing import Final

from autopack.edits.content.problem import Problem

DOTS_MAX: Final = 200

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")
_PART: Final = r"(?:[\w-]++|\"[^\"]*+\"|'[^']*+')\s*+"
_LONG_KEY: Final = re.compile(rf"(?<![\w-]){_PART}(?:\.\s*+{_PART}){{{DOTS_MAX}}}")
_TEMPLATE: Final = re.compile(r"\{\{|\{%|<%")


def toml_problem(_path: str, text: str) -> Problem | None:
    """The first error of a text that is no TOML."""
    text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    dotted = next((number for number, line in enumerate(lines, 1) if line.count(".") > DOTS_MAX and _is_long_key(line)), None)
    if dotted is not None:
        return Problem(dotted, f"a key has more than {DOTS_MAX} parts", "make it flatter")
    try:
        tomllib.loads(text)
    except RecursionError:
        return Problem(1, "it is nested too deeply", "make it flatter")
    except ValueError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else len(lines)
        if "{%" in text or _TEMPLATE.search(lines[line - 1]):
            return None
        reason = _PLACE.sub("", str(error))
        return Problem(line, reason[0].lower() + reason[1:])
    return None


def _is_long_key(line: str) -> bool:
    """True where the line holds a key of too many parts, which the parser takes very long for."""
    return _LONG_KEY.search(line) is not None
