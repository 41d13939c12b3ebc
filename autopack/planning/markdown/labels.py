"""Lines that say of themselves what they are: ``Depends on: T012``, ``**Files**: ...``, ``Done when:`` and the list below it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Label = Literal["criteria", "needs", "files", "context", "complexity"]

_WORDS: Final[dict[Label, str]] = {
    "criteria": "acceptance criteria|acceptance|criteria|done when|definition of done|success criteria|independent test|checkpoint",
    "needs": "depends on|depends|dependencies|dependency|after|requires|blocked by|prerequisites",
    "files": "files|file|paths|path|scope",
    "context": "context|read|see|see also|references",
    "complexity": "complexity|size",
}
_LABEL: Final = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:#+\s+)?[*_]*(" + "|".join(_WORDS.values()) + r")(?:\s*\([^)]*\))?[*_]*\s*(?::[*_]*\s*(.*)|#*)$", re.IGNORECASE
)
_ITEM: Final = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)$")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*)$")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True)
class Labelled:
    """``found`` are the texts behind each label; ``rest`` is everything else, line by line."""

    found: dict[Label, tuple[str, ...]]
    rest: tuple[str, ...]


def label_of(line: str) -> tuple[Label, str] | None:
    """The label that a line begins with, and what stands behind it on the same line. A label alone needs a colon or a heading's sign."""
    match = _LABEL.match(line)
    if match is None or (match[2] is None and not line.lstrip().startswith("#")):
        return None
    word = match[1].lower()
    return next(label for label, words in _WORDS.items() if word in words.split("|")), (match[2] or "").strip()


def labelled(lines: Iterable[str]) -> Labelled:
    """What the labels among the lines say; in a block of code there are none."""
    found: dict[Label, list[str]] = {}
    rest: list[str] = []
    current: Label | None = None
    is_code = False
    for line in lines:
        is_code ^= bool(_FENCE.match(line))
        label = None if is_code else label_of(line)
        if label is not None:
            current, text = label
            found.setdefault(current, []).extend([text] if text else [])
        elif current is not None and not is_code and (item := _ITEM.match(line)):
            found[current].append(item[1].strip())
        else:
            is_open = current is not None and not found[current]  # a label alone has its list behind an empty line, too
            current = current if not line.strip() and is_open else None
            rest += [line]
    return Labelled({label: tuple(texts) for label, texts in found.items()}, tuple(rest))
