"""TAP 13 and 14, node's nested subtests included, read as it streams by."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from autopack.checks.results.cases import Case, Cases, Named, Outcome, told_apart
from autopack.checks.results.junit import CASES_MAX

_LINE_MAX: Final = 20_000
_TEXT_MAX: Final = 6_000
_LEVEL_MAX: Final = 32
_INDENT: Final = 4

_TEST: Final = re.compile(r"(not )?ok\b(?:[ \t]+(\d+))?(?:[ \t]*-)?[ \t]*(.*)")
_PLAN: Final = re.compile(r"1\.\.(\d{1,9})\b")
_DIRECTIVE: Final = re.compile(r"(?<!\\)#[ \t]*(skip|todo)\b", re.IGNORECASE)
_COMMENT: Final = re.compile(r"(?:^|[ \t])(?<!\\)#[ \t].*")


class TapReader:
    """Fed with bytes as they come; bounded in lines, levels and tests."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._rest = ""
        self._open: dict[int, list[Case]] = {}
        self._plan: int | None = None
        self._top_level = 0
        self._count = 0
        self._is_broken = False
        self._block_indent: int | None = None
        self._block: list[str] = []
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
        is_complete = not self._is_broken and self._plan == self._top_level and set(self._open) <= {0}
        return Cases(tuple(case for level in sorted(self._open) for case in self._open[level]), is_complete)

    def _line(self, line: str) -> None:
        text = line.lstrip(" ")
        indent = len(line) - len(text)
        if self._in_block(text, indent, line):
            return
        level = indent // _INDENT
        if indent % _INDENT or level > _LEVEL_MAX:
            return
        if text.startswith("Bail out!"):
            self._is_broken = True
        elif level == 0 and (plan := _PLAN.match(text)):
            self._plan = int(plan[1])
        elif test := _TEST.fullmatch(text):
            self._test(level, failed=test[1] is not None, rest=test[3])

    def _in_block(self, text: str, indent: int, line: str) -> bool:
        """The YAML below a test line: from ``---`` to ``...``, two spaces in."""
        if self._block_indent is None:
            if text == "---" and self._last is not None:
                self._block_indent, self._block = indent, []
                return True
            return False
        if text == "..." and indent == self._block_indent:
            self._tell("\n".join(self._block))
            self._block_indent = None
        elif sum(map(len, self._block[-200:])) < _TEXT_MAX and len(self._block) < _TEXT_MAX // 20:
            self._block.append(line[self._block_indent :])
        return True

    def _test(self, level: int, *, failed: bool, rest: str) -> None:
        self._count += 1
        if self._count > CASES_MAX:
            self._is_broken = True
            return
        directive = _DIRECTIVE.search(rest)
        name = _unescaped(_COMMENT.sub("", rest[: directive.start()] if directive else rest)).strip()
        outcome = Outcome.FAILED if failed else Outcome.PASSED
        if directive and (directive[1].lower() == "skip" or failed):
            outcome = Outcome.SKIPPED
        children = [case for deeper in sorted(self._open) if deeper > level for case in self._open.pop(deeper)]
        here = self._open.setdefault(level, [])
        here += [replace(child, suites=(name, *child.suites)) for child in children]
        if not children or (outcome is Outcome.FAILED and not any(child.outcome is Outcome.FAILED for child in children)):
            here.append(Case(name or str(self._count), outcome))
            self._last = (level, len(here) - 1)
        else:
            self._last = None
        self._top_level += level == 0

    def _tell(self, text: str) -> None:
        if self._last is None:
            return
        level, index = self._last
        self._open[level][index] = replace(self._open[level][index], text=text[:_TEXT_MAX])
        self._last = None


def tap_names(cases: Iterable[Case]) -> Iterator[Named]:
    return told_apart(Named(" > ".join((*case.suites, case.name)), case.outcome, case.text) for case in cases)


def _unescaped(text: str) -> str:
    return text.replace("\\#", "#").replace("\\\\", "\\")
