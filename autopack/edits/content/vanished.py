"""Placeholders told by what vanished: a line that speaks of left-out text, where lines of the old text are gone."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.content.elision_phrases import stands_for_code
from autopack.edits.content.holes import Hole, holes
from autopack.edits.content.kinds import Kind
from autopack.edits.content.left_out_words import CHARACTERS_MAX, Telling, said, telling
from autopack.edits.content.problem import Change, excerpt, refuse

LOST_MIN: Final = 2  # so many lines are gone for which no other line came
GONE_FOR_HINT_MIN: Final = 3
GONE_FOR_PLAIN_MIN: Final = 2  # where other lines came beside one that says so in no words of its own
CAME_PER_GONE_MAX: Final = 3  # so many other lines for one that is gone are a text written anew
OWN_WAY_MIN: Final = 3  # a document that says it so often already, in these words, has its own way of leaving out

_CODE: Final = frozenset({Kind.PYTHON, Kind.BRACES, Kind.HASH, Kind.DASHES, Kind.MARKUP})
_COMMENT: Final = re.compile(r"#|//|/\*|\*|--|<!--|\{/\*|;|%|\"\"\"|'''|[\[(<]")
_INLINE: Final = re.compile(r"(?:#|//|/\*|<!--|--[ ])[^#/]*\Z")
_DOTS_AND_WORDS: Final = re.compile(r"(?:\.{3,}|\u2026)(?:[ ][\w \t'\u2019.,/\u2026()-]*|\w+[ ][\w '\u2019.,/\u2026-]*)?\Z")
_PLAIN: Final = re.compile(r"[A-Za-z][\w '\u2019,-]*[.\u2026]*\Z")
_PLAIN_FRAME: Final = "[](){}<>\u27e8\u27e9*_- \t"


def judge_vanished(change: Change) -> None:
    """Refuses such lines; where nothing is gone they are text."""
    if change.before is None or change.kind is Kind.PATCH:
        return
    old, new = ([line.strip() for line in text.split("\n")] for text in (change.before, change.after))
    seen = _Seen(change, old, new)
    for hole in holes(old, new):
        told = {at: level for at in hole.came if (level := seen.telling(at))}
        others = len(hole.came) - sum(level >= Telling.WORDS for level in told.values())
        for at, level in told.items():
            if _stands_for_gone(level, hole, at, others) and not seen.is_own_way(at):
                reason = f"it speaks of text that was left out ({excerpt(new[at])}), and lines that stood there are gone; write them out"
                raise refuse(change.path, RefusalCode.ELISION, at + 1, reason)


def _stands_for_gone(level: Telling, hole: Hole, at: int, others: int) -> bool:
    """Whether so much is gone, for so little else that came, that the line stands for it."""
    if Telling.HINT < level < Telling.BARE and stands_for_code(hole.came[at]):
        return True
    is_much = len(hole.gone) >= GONE_FOR_PLAIN_MIN and others <= len(hole.gone) * CAME_PER_GONE_MAX
    if level is Telling.PLAIN and is_much and not any(map(telling, hole.gone)):
        return True  # of such a line that was there before, this may be the new form
    if _is_lost(level, len(hole.gone), others - (level is Telling.HINT)):
        return True
    near = hole.around(at)
    return _is_lost(level, len(near.gone), len(near.came) - 1)


def _is_lost(level: Telling, gone: int, came: int) -> bool:
    if level is Telling.HINT:
        return gone >= GONE_FOR_HINT_MIN and not came
    return gone - came >= LOST_MIN and (level < Telling.BARE or came * 3 <= gone)


class _Seen:
    """What the lines of the new text say, seen in their place."""

    def __init__(self, change: Change, old: Sequence[str], new: Sequence[str]) -> None:
        self._change = change
        self._old = old
        self._new = new
        self._starts: list[int] = []

    @cached_property
    def _old_lines(self) -> frozenset[str]:
        return frozenset(self._old)

    @cached_property
    def _ways(self) -> Counter[str]:
        return Counter(map(said, self._old))

    def telling(self, at: int) -> Telling:
        line, level = self._new[at], telling(self._new[at])
        if self._change.kind not in _CODE:
            return Telling.NOT if self._is_session(at) or self._is_new_stub(at) else level
        if _COMMENT.match(line):
            return level
        if level and self._is_no_code(at):
            return Telling.NOT if self._is_session(at) else level
        if _DOTS_AND_WORDS.match(line):
            return Telling.NOT if self._is_new_stub(at) or self._is_session(at) else level
        if _PLAIN.match(line.strip(_PLAIN_FRAME)):
            return level if level < Telling.WORDS or " " in line or self._change.path.endswith(".json") else Telling.NOT
        inline = _INLINE.search(line[-CHARACTERS_MAX:])
        return telling(inline[0]) if inline else Telling.NOT

    def is_own_way(self, at: int) -> bool:
        if self._change.kind is not Kind.PROSE or telling(self._new[at]) is Telling.BARE:
            return False
        return self._ways[said(self._new[at])] >= OWN_WAY_MIN

    def _is_no_code(self, at: int) -> bool:
        """Inside a string or a comment of several lines."""
        if not self._starts:
            self._starts = [0]
            for line in self._change.after.split("\n"):
                self._starts.append(self._starts[-1] + len(line) + 1)
        offset = self._change.after.find(self._new[at], self._starts[at])
        return self._change.regions.is_data(offset) or self._change.regions.is_comment(offset)

    def _is_new_stub(self, at: int) -> bool:
        """An ellipsis as the whole body of a block of Python, which the edit brings along with it."""
        above = next((line for line in reversed(self._new[max(at - 9, 0) : at]) if line), "")
        return self._new[at] == "..." and above.endswith((":", '"""', "'''")) and above not in self._old_lines

    def _is_session(self, at: int) -> bool:
        """A line that goes on below the prompt of an interpreter."""
        return at > 0 and self._new[at].startswith("...") and self._new[at - 1].startswith((">>>", "... "))
