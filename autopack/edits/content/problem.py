"""What is wrong with a text, where, and whether it was so before."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.kinds import Kind, kind_of, suffix_of
from autopack.edits.content.literals import Regions
from autopack.edits.model import EditRefused

EXCERPT_MAX: Final = 80
_WORD: Final = re.compile(r"\w+")
_SAYS_NOTHING: Final = frozenset({"invalid syntax"})


@dataclass(frozen=True)
class Problem:
    """A breakage of a whole text. ``line`` is 1-based; ``reason`` names it without its place; ``fix`` says what to do."""

    line: int
    reason: str
    fix: str = "correct it, and give the file in full"
    is_unsafe: bool = False  # it harms who loads the file, so no excuse holds


@dataclass(frozen=True)
class Change:
    """A text before and after an edit, with the lines that the edit added."""

    path: str
    before: str | None
    after: str

    def adds(self, line: str) -> bool:
        """True where the line stands more often in the new text than in the old one."""
        return self._had[line] < self._has[line] if self._had else True

    def adds_words(self, line: str) -> bool:
        """True where not only the spacing or the signs around the words of a line that was there are others."""
        words = "".join(_WORD.findall(line))
        return self.adds(line) and not (words and words in self._words_gone)

    @cached_property
    def _words_gone(self) -> frozenset[str]:
        return frozenset("".join(_WORD.findall(line)) for line in self._had - self._has)

    @cached_property
    def _had(self) -> Counter[str]:
        return Counter(_lines(self.before or ""))

    @cached_property
    def _has(self) -> Counter[str]:
        return Counter(_lines(self.after))

    @cached_property
    def kind(self) -> Kind:
        return kind_of(self.path)

    @cached_property
    def regions(self) -> Regions:
        return Regions(self.after, self.kind, suffix_of(self.path))

    def line_number(self, offset: int) -> int:
        return self.after.count("\n", 0, offset) + 1

    def line_at(self, offset: int) -> tuple[int, int]:
        """Where the line around an offset begins and ends, its line end excluded."""
        start = self.after.rfind("\n", 0, offset) + 1
        end = self.after.find("\n", offset)
        end = len(self.after) if end < 0 else end
        return start, end - 1 if end > start and self.after[end - 1] == "\r" else end


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def refuse(path: str, code: RefusalCode, line: int, reason: str) -> EditRefused:
    return EditRefused(code, f"Line {line}: {reason}.", path)


def excerpt(text: str) -> str:
    """A line as a message can quote it."""
    text = text.strip()
    return text if len(text) <= EXCERPT_MAX else text[: EXCERPT_MAX - 3] + "..."


def was_there(problem: Problem, after: str, before: str, problem_before: Problem) -> bool:
    """True where the old text was broken in the same way: the offending line is an old one, or the reason is the same."""
    if problem.reason == problem_before.reason and problem.reason not in _SAYS_NOTHING:
        return True
    line = line_of(after, problem.line).strip()
    return bool(line) and line in {old.strip() for old in before.split("\n")}


def line_of(text: str, number: int) -> str:
    """A line by its 1-based number; empty where there is none."""
    lines = text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""
