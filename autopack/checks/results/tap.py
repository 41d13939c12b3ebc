"""Reads TAP 13 and 14 as it streams by, with nested subtests (node) and subtests in braces (vitest, node-tap)."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from autopack.checks.results.cases import CASES_MAX, TEXT_MAX, Case, CaseOutcome, Cases, Named, told_apart

_LINE_MAX: Final = 20_000
_BLOCK_LINES: Final = 300
_LEVEL_MAX: Final = 32
_BAIL_MAX: Final = 200
_INDENT: Final = 4
_IN_BRACE: Final = -1

_TEST: Final = re.compile(r"(not )?ok\b(?:[ \t]+(\d+))?(?:[ \t]*-)?[ \t]*(.*)")
_PLAN: Final = re.compile(r"1\.\.(\d{1,9})\b")
_DIRECTIVE: Final = re.compile(r"(?<!\\)#[ \t]*(skip|todo)\b", re.IGNORECASE)
_COMMENT: Final = re.compile(r"(?:^|[ \t])(?<!\\)#[ \t].*")
_DURATION: Final = re.compile(r"[ \t]+in \d{1,12}\s?(?:ms|sec|s)$")
"""bats adds it to the name (``--timing``)."""


@dataclass(frozen=True)
class _Brace:
    """A test line that ends in ``{``: the test if subtests follow, the test if the brace is a part of its name."""

    inner: Case
    plain: Case
    is_sure: bool


class TapReader:
    """Fed with bytes as they come; bounded in lines, levels and tests."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._rest = ""
        self._open: dict[int, list[Case]] = {}
        self._braces: dict[int, _Brace] = {}
        self._plan: int | None = None
        self._top_level = 0
        self._count = 0
        self._why = ""
        self._block_indent: int | None = None
        self._block: list[str] = []
        self._block_size = 0
        self._last: tuple[int, int] | None = None

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._line(line[:_LINE_MAX].rstrip("\r"))
        self._rest = rest[:_LINE_MAX]

    def finish(self) -> Cases:
        if self._rest:
            self._line(self._rest)
            self._rest = ""
        for level in sorted(self._braces, reverse=True):
            if not self._braces[level].is_sure and not self._has_deeper(level):
                self._end_brace(level)
        is_whole = set(self._open) <= {0} and not self._braces
        why = self._why or ("" if self._plan == self._top_level and is_whole else self._counted())
        return Cases(tuple(case for level in sorted(self._open) for case in self._open[level]), not why, why)

    def _counted(self) -> str:
        if self._plan is None and not self._count:
            return "was not written"
        planned = "without its plan (1..N)" if self._plan is None else f"after {self._top_level} of {self._plan} tests"
        return f"breaks off {planned}"

    def _line(self, line: str) -> None:
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if self._in_block(text, indent, line):
            return
        level = indent // _INDENT
        if indent % _INDENT or level > _LEVEL_MAX:
            return
        if text.startswith("Bail out!"):
            self._why = f"says '{text[:_BAIL_MAX].strip()}'"
        elif text.rstrip() in {"{", "}"}:
            self._brace(text.rstrip(), level)
        elif level == 0 and (plan := _PLAN.match(text)):
            self._plan = int(plan[1])
        elif test := _TEST.fullmatch(text):
            while level in self._braces or any(deeper > level for deeper in self._braces):
                self._end_brace(max(self._braces))
            self._test(level, failed=test[1] is not None, rest=test[3].rstrip())

    def _in_block(self, text: str, indent: int, line: str) -> bool:
        """The YAML below a test line: from ``---`` to ``...``, some spaces in."""
        if self._block_indent is None:
            if text.rstrip() == "---" and self._last is not None and indent > self._last[0] * _INDENT:
                self._block_indent, self._block, self._block_size = indent, [], 0
                return True
            return False
        if text.rstrip() == "..." and indent == self._block_indent:
            self._tell("\n".join(self._block))
            self._block_indent = None
        elif self._block_size < TEXT_MAX and len(self._block) < _BLOCK_LINES:
            self._block.append(line[self._block_indent :])
            self._block_size += len(line)
        return True

    def _test(self, level: int, *, failed: bool, rest: str) -> None:
        self._count += 1
        if self._count > CASES_MAX:
            self._why = f"lists more than {CASES_MAX:,} tests, the most that are read"
            return
        directive = _DIRECTIVE.search(rest)
        outcome = CaseOutcome.SKIPPED if directive else CaseOutcome.FAILED if failed else CaseOutcome.PASSED
        name = _COMMENT.sub("", rest[: directive.start()] if directive else rest).strip()
        test = Case(self._named(name), outcome)
        if rest.endswith(" {"):
            is_sure = name != rest
            inner = test if is_sure else Case(self._named(name.removesuffix("{")), outcome)
            self._braces[level] = _Brace(inner, test, is_sure)
            self._last = (level, _IN_BRACE)
            return
        self._ended(level, test)

    def _named(self, name: str) -> str:
        return _DURATION.sub("", name.replace("\\#", "#").replace("\\\\", "\\").strip()) or str(self._count)

    def _ended(self, level: int, test: Case) -> None:
        """A test with its subtests; where they say how it went, the test itself is not counted."""
        children = [case for deeper in sorted(self._open) if deeper > level for case in self._open.pop(deeper)]
        here = self._open.setdefault(level, [])
        here += [replace(child, suites=(test.name, *child.suites)) for child in children]
        if not children or (test.outcome is CaseOutcome.FAILED and not any(child.outcome is CaseOutcome.FAILED for child in children)):
            here.append(test)
            self._last = (level, len(here) - 1)
        else:
            self._last = None
        self._top_level += level == 0

    def _brace(self, which: str, level: int) -> None:
        """node-tap opens one on a line of its own, below what it says of the test."""
        if which == "{" and self._last is not None and self._last[0] == level and level not in self._braces:
            test = self._open[level].pop(self._last[1])
            self._braces[level] = _Brace(test, test, is_sure=True)
            self._top_level -= level == 0
            self._last = None
        elif which == "}" and level in self._braces:
            self._end_brace(level)

    def _end_brace(self, level: int) -> None:
        """Subtests that came in it make it one; without any it was the end of a name."""
        brace = self._braces.pop(level)
        self._last = None
        self._ended(level, brace.inner if brace.is_sure or self._has_deeper(level) else brace.plain)

    def _has_deeper(self, level: int) -> bool:
        return any(deeper > level for deeper in self._open)

    def _tell(self, text: str) -> None:
        if self._last is None:
            return
        level, index = self._last
        if index == _IN_BRACE:
            brace = self._braces[level]
            self._braces[level] = replace(brace, inner=replace(brace.inner, text=text), plain=replace(brace.plain, text=text))
            return
        known = self._open[level][index]
        self._open[level][index] = replace(known, text=f"{known.text}\n{text}".strip()[:TEXT_MAX])


def read_tap(data: bytes) -> Cases | None:
    """A file of TAP; None for one without a word of it."""
    reader = TapReader()
    reader.feed(data)
    found = reader.finish()
    return None if not found.cases and not found.is_complete and b"1.." not in data else found


def tap_names(cases: Iterable[Case]) -> Iterator[Named]:
    return told_apart(Named(" > ".join((*case.suites, case.name)), case.outcome, case.text) for case in cases)
