"""Files of a tree as text, read in one go, before anything is redacted or left out; a file that is none gets a note why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_text
from autopack.context.windows import numbered_cost
from autopack.core.text import count_lines, unix_text

FRAME_CHARACTERS: Final = 80
READ_FILES: Final = 3_000
_READ_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Draft:
    """``text`` has no byte-order mark and ends its lines with LF alone; ``cost`` is what it takes in a prompt, in characters."""

    file: Wanted
    text: str
    lines: tuple[str, ...]
    cost: int

    @property
    def total_lines(self) -> int:
        return len(self.lines)


def read_drafts(files: Sequence[Wanted], tree: TreeReader, notes: dict[str, str]) -> tuple[Draft, ...]:
    """Of those that are text; ``notes`` is told of the others."""
    texts = tree.texts(tuple(file.path for file in files))
    drafts = []
    for file in files:
        text = texts[file.path].text if file.path in texts else None
        if (note := note_by_text(file, text)) or text is None:
            notes[file.path] = note or "no text"
        else:
            drafts.append(_draft(file, text))
    return tuple(drafts)


def worth_reading(files: Iterable[Wanted], tree: TreeReader) -> tuple[Wanted, ...]:
    """The first of them, as many as may be read for one prompt."""
    left = _READ_BYTES
    chosen: list[Wanted] = []
    for file in files:
        left -= tree.entries[file.path].size or 0
        if left < 0 or len(chosen) == READ_FILES:
            break
        chosen.append(file)
    return tuple(chosen)


def _draft(file: Wanted, text: str) -> Draft:
    plain = unix_text(text)
    lines = tuple(plain.removesuffix("\n").split("\n")) if count_lines(plain) else ()
    return Draft(file, plain, lines, numbered_cost(lines) + FRAME_CHARACTERS)
