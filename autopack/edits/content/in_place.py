"""How plainly the lines of a new text speak of left-out text, seen in the place where they stand."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from autopack.edits.content.elision_phrases import is_bare, stands_for_code
from autopack.edits.content.kinds import Kind
from autopack.edits.content.left_out_words import CHARACTERS_MAX, Telling, is_between_dots, is_framed, said, telling
from autopack.edits.content.problem import Change

OWN_WAY_MIN: Final = 3  # a document that says it so often already, in these words, has its own way of leaving out

_CODE: Final = frozenset({Kind.PYTHON, Kind.BRACES, Kind.HASH, Kind.DASHES, Kind.MARKUP})
_COMMENT: Final = re.compile(r"#|//|/\*|\*|--|<!--|\{/\*|;|%|\"\"\"|'''|[\[(<]")
_COMMENT_SIGN: Final = re.compile(r"#+|/{2,}!?|/\*+|\*|--+|<!--|\{/\*")
_INLINE: Final = re.compile(r"(?:#|//|/\*|<!--|--[ ])[^#/]*\Z")
_DOTS_AND_WORDS: Final = re.compile(r"(?:\.{3,}|\u2026)(?:[ ][\w \t'\u2019.,/\u2026()-]*|\w+[ ][\w '\u2019.,/\u2026-]*)?\Z")
_PLAIN: Final = re.compile(r"[A-Za-z][\w '\u2019,-]*[.\u2026]*\Z")
_ELSEWHERE: Final = re.compile(r"(?i)\b(?:above|below|previous)\b")
_HAS_WORD: Final = re.compile(r"\w")
_PLAIN_FRAME: Final = "[](){}<>\u27e8\u27e9*_- \t"


class InPlace:
    """The lines of a change, each without the white space around it."""

    def __init__(self, change: Change, old: Sequence[str], new: Sequence[str]) -> None:
        self._change = change
        self._old = old
        self._new = new
        self._lines = [line.rstrip() for line in change.after.split("\n")]
        self._starts: list[int] = []

    @cached_property
    def candidates(self) -> Sequence[int]:
        """The places of the lines that may speak of left-out text and were not there, or are nothing but dots."""
        return [at for at, line in enumerate(self._new) if line and (level := telling(line)) and self._may_be_new(line, level)]

    def _may_be_new(self, line: str, level: Telling) -> bool:
        return level is Telling.BARE or line not in self._old_lines

    @cached_property
    def _old_lines(self) -> frozenset[str]:
        return frozenset(self._old)

    @cached_property
    def _ways(self) -> Counter[str]:
        return Counter(map(said, self._old))

    @cached_property
    def _old_count(self) -> Counter[str]:
        return Counter(self._old)

    @cached_property
    def _new_count(self) -> Counter[str]:
        return Counter(self._new)

    def is_added(self, at: int) -> bool:
        """True where the line stands more often than it did."""
        return self._new_count[self._new[at]] > self._old_count[self._new[at]]

    def telling(self, at: int) -> Telling:
        level = telling(self._new[at])
        if level is Telling.BARE and (self._is_lone_comment(at) or self._is_in_open_block(at)):
            return Telling.PLAIN
        if self._is_end_of_document(at) or (level and self._ends_a_sentence(at)):
            return Telling.NOT
        if self._change.kind in _CODE:
            return self._telling_in_code(at, level)
        return Telling.NOT if self._is_session(at) or self._is_new_stub(at) else level

    def _telling_in_code(self, at: int, level: Telling) -> Telling:
        """There a line has to be a comment, or nothing that could be code."""
        line = self._new[at]
        if _COMMENT.match(line):
            return level
        is_text = bool(level) and self._is_no_code(at)
        if is_text or _DOTS_AND_WORDS.match(line):
            is_program = self._is_session(at) or (not is_text and self._is_new_stub(at))
            return Telling.NOT if is_program else level
        if _PLAIN.match(line.strip(_PLAIN_FRAME)):
            return level if level < Telling.WORDS or " " in line or self._change.path.endswith(".json") else Telling.NOT
        inline = _INLINE.search(line[-CHARACTERS_MAX:])
        return telling(inline[0]) if inline else Telling.NOT

    def is_placeholder(self, at: int) -> bool:
        """True for a line that can be nothing else: framed in dots or brackets, or alone as a comment."""
        line = self._new[at]
        if line in self._old_lines or self.telling(at) is not Telling.PLAIN:
            return False
        if self.is_in_code_block(at):
            is_text = not _COMMENT_SIGN.match(line) and _HAS_WORD.search(line) is not None
            return (is_framed(line) and is_text) or self._is_in_open_block(at)
        if self._change.kind is Kind.PROSE and self._is_lone_fragment(at):
            return True
        return is_framed(line) or stands_for_code(line.lstrip("#/* ")) or (self._is_lone_comment(at) and not self._refers_to_code(at))

    def needs_no_loss(self, at: int) -> bool:
        """True for a lone comment between dots: nobody writes that for anything else."""
        return self._new[at] not in self._old_lines and is_between_dots(self._new[at]) and self._is_lone_comment(at)

    def is_in_code_block(self, at: int) -> bool:
        """In one of a document."""
        return self._change.kind is Kind.PROSE and self._is_data(at)

    def is_own_way(self, at: int) -> bool:
        if self._change.kind is not Kind.PROSE or not _HAS_WORD.search(self._new[at]):
            return False
        return self._ways[said(self._new[at])] >= OWN_WAY_MIN

    def _is_lone_comment(self, at: int) -> bool:
        """A comment of code that fills its line, with no other new comment around it; or the last line of the file."""
        sign = _COMMENT_SIGN.match(self._new[at]) if self._change.kind in _CODE else None
        if sign is None or self._is_data(at):
            return False
        same = re.compile(rf"{re.escape(self._lines[at][: -len(self._new[at])] + sign[0])}(?![/*])")
        neighbours = [other for other in (at - 1, at + 1) if 0 <= other < len(self._new)]
        return not any(self._new[other] not in self._old_lines and same.match(self._lines[other]) for other in neighbours) or not any(
            self._new[at + 1 :]
        )

    def _refers_to_code(self, at: int) -> bool:
        """A comment that says where in the file the like of the line below it stands."""
        line, below = self._lines[at], self._lines[at + 1] if at + 1 < len(self._lines) else ""
        is_about_below = below[: len(line) - len(self._new[at])].isspace() or not line[0].isspace()
        return _ELSEWHERE.search(line) is not None and bool(below.strip()) and is_about_below and not _COMMENT_SIGN.match(below.strip())

    def _is_lone_fragment(self, at: int) -> bool:
        """Words of a document without a full stop, in a paragraph of their own."""
        beside = [self._new[other] for other in (at - 1, at + 1) if 0 <= other < len(self._new)]
        is_fragment = self._lines[at] == self._new[at] and _PLAIN.match(self._new[at]) is not None and self._new[at][-1].isalpha()
        return is_fragment and all(not line or line.startswith("#") for line in beside)

    def _is_in_open_block(self, at: int) -> bool:
        """In a code block of a document that has lost its end."""
        return self._change.kind is Kind.PROSE and self._change.regions.is_open_block(self._offset(at))

    def _is_data(self, at: int) -> bool:
        return self._change.regions.is_data(self._offset(at))

    def _is_no_code(self, at: int) -> bool:
        """Inside a string or a comment of several lines."""
        offset = self._offset(at)
        return self._change.regions.is_data(offset) or self._change.regions.is_comment(offset)

    def _offset(self, at: int) -> int:
        if not self._starts:
            self._starts = [0]
            for line in self._change.after.split("\n"):
                self._starts.append(self._starts[-1] + len(line) + 1)
        return self._change.after.find(self._new[at], self._starts[at])

    def _is_new_stub(self, at: int) -> bool:
        """An ellipsis as the whole body of a block of Python, which the edit brings along with it."""
        above = next((line for line in reversed(self._new[max(at - 9, 0) : at]) if line), "")
        return self._new[at] == "..." and above.endswith((":", '"""', "'''")) and above not in self._old_lines

    def _is_session(self, at: int) -> bool:
        """A line that goes on below the prompt of an interpreter."""
        if stands_for_code(self._new[at]) and not is_bare(self._new[at]):
            return False
        return at > 0 and self._new[at].startswith("...") and self._new[at - 1].startswith((">>>", "... "))

    def _is_end_of_document(self, at: int) -> bool:
        """The three dots that end a document of YAML, where the edit brings the three dashes of its start along, or another follows."""
        if self._new[at] != "..." or not self._change.path.endswith((".yaml", ".yml")) or self._change.after[self._offset(at) - 1] != "\n":
            return False
        below = next((line for line in self._new[at + 1 :] if line), "---")
        return below == "---" and "---" in self._new[:at] and ("---" not in self._old_lines or below in self._new[at + 1 :])

    def _ends_a_sentence(self, at: int) -> bool:
        """The last words of a sentence that begins in a new line above."""
        line, above = self._new[at], self._new[at - 1] if at else ""
        return line[:1].islower() and line.endswith(".") and above[-1:].isalpha() and " " in above and above not in self._old_lines
