"""One hunk of a diff: its lines, what they say the file holds, and what is to stand there."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

Mark = Literal[" ", "-", "+"]


class HunkLine(NamedTuple):
    mark: Mark
    text: str
    is_bare: bool = False  # it had no mark of its own: context whose leading space got lost, or prose


@dataclass(frozen=True, slots=True)
class Block:
    """A run of changed lines: the old lines ``start`` to ``end`` (of the hunk, 0-based, end excluded) become ``added``."""

    start: int
    end: int
    added: tuple[str, ...]

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True)
class Hunk:
    """``number`` is the 1-based line that the header names, ``None`` where it names none; the counts settle nothing."""

    header: str
    number: int | None
    lines: tuple[HunkLine, ...]
    old_count: int | None = None
    new_count: int | None = None
    old_lacks_newline: bool = False
    new_lacks_newline: bool = False

    @cached_property
    def old(self) -> tuple[str, ...]:
        """What the hunk says stands in the file: context and removed lines."""
        return tuple(line.text for line in self.lines if line.mark != "+")

    @cached_property
    def new(self) -> tuple[str, ...]:
        """What is to stand there: context and added lines."""
        return tuple(line.text for line in self.lines if line.mark != "-")

    @cached_property
    def is_removed(self) -> tuple[bool, ...]:
        """For each line of ``old``: whether the hunk removes it."""
        return tuple(line.mark == "-" for line in self.lines if line.mark != "+")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        blocks: list[Block] = []
        start: int | None = None
        old, added = 0, list[str]()
        for mark, text, _ in (*self.lines, HunkLine(" ", "")):
            if mark == " ":
                if start is not None:
                    blocks.append(Block(start, old, tuple(added)))
                start, added = None, []
            elif start is None:
                start = old
            if mark == "+":
                added.append(text)
            else:
                old += 1
        return tuple(blocks)

    @property
    def start(self) -> int | None:
        """The 0-based place that the header names for the first old line; after line N where there is no old line."""
        if self.number is None or (self.number == 0 and self.old):
            return None
        return self.number - 1 if self.old else self.number

    @property
    def named(self) -> str:
        return f"the hunk `{self.header}`"
