"""Characters that no text file needs and that hide what a reader sees: NUL, direction overrides, tags, half characters."""

import re
import unicodedata
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.kinds import Kind
from autopack.edits.content.problem import Change, refuse

# Flags of England, Scotland and Wales are the only established use of tag characters.
_FLAG: Final = (
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_SUSPECT: Final = re.compile(
    f"{_FLAG}|(?P<suspect>[\\x00\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,})"
)
_MARKS: Final = frozenset("\u061c\u200e\u200f")  # direction marks: needed in texts, never in code, where an escape says the same
_PROGRAMS: Final = frozenset({Kind.PYTHON, Kind.BRACES, Kind.DASHES})
_DATA_SUFFIXES: Final = (".json", ".jsonc", ".json5")


def judge_characters(change: Change) -> None:
    """Refuses such characters in lines that the edit adds."""
    after = change.after
    if after.isascii() and "\0" not in after:
        return
    is_program = change.kind in _PROGRAMS and not change.path.lower().endswith(_DATA_SUFFIXES)
    for match in _SUSPECT.finditer(after):
        offset = match.start()
        if match["suspect"] is None or (after[offset] in _MARKS and not is_program):
            continue
        start, end = change.line_at(offset)
        if change.adds(after[start:end]):
            reason = f"it holds {_name(after[offset])}; leave it out, or write an escape"
            raise refuse(change.path, RefusalCode.CHARACTERS, change.line_number(offset), reason)


def _name(character: str) -> str:
    shown = f"U+{ord(character):04X}"
    category = unicodedata.category(character)
    if character == "\0":
        return "a NUL character, which no text file has"
    if category == "Cs":
        return f"half a character ({shown}), which cannot be encoded"
    if category == "Mn":
        return f"a run of invisible variation selectors ({shown})"
    if unicodedata.name(character, "").startswith(("TAG", "LANGUAGE TAG", "CANCEL TAG")):
        return f"the invisible tag character {shown}"
    return f"the direction control {shown}, which makes text read otherwise than it runs"
