"""A part of a check's log as a page shows it: lines with their numbers, those that a search finds, the first that failed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.checks.results.evidence import ERROR_LINE

WINDOW: Final = 1000
_BEFORE: Final = 100
_MOST_FOUND: Final = 300
_LINE_BYTES: Final = 65_536
_LONGEST: Final = 2000


@dataclass(frozen=True)
class LogPart:
    """``lines`` and ``found`` are numbered from 1; ``first_failure`` is the number of a line, or None."""

    lines: tuple[tuple[int, str], ...]
    total: int
    found: tuple[tuple[int, str], ...]
    first_failure: int | None

    @property
    def has_more(self) -> bool:
        return bool(self.lines) and self.lines[-1][0] < self.total


def lines_of_file(path: Path) -> Iterator[str]:
    """A line of more than 64 KiB is several."""
    with path.open("rb") as file:
        while line := file.readline(_LINE_BYTES):
            yield line.decode("utf-8", "replace").rstrip("\r\n")


def log_part(lines: Iterable[str], line: int, text: str, failed: Sequence[str]) -> LogPart:
    """``line`` is to be among those that are shown; ``failed`` are ids of tests."""
    start = max(1, line - _BEFORE)
    names = re.compile("|".join(re.escape(_last_name(test)) for test in failed) or "(?!)")
    shown: list[tuple[int, str]] = []
    found: list[tuple[int, str]] = []
    needle, marks, total = text.casefold(), [0, 0], 0
    for total, each in enumerate(lines, 1):
        if start <= total < start + WINDOW:
            shown.append((total, _cut(each)))
        if needle and len(found) < _MOST_FOUND and needle in each.casefold():
            found.append((total, _cut(each)))
        for place, pattern in enumerate((names, ERROR_LINE)):
            if not marks[place] and pattern.search(each[:_LONGEST]):
                marks[place] = total
    return LogPart(tuple(shown), total, tuple(found), marks[0] or marks[1] or None)


def _cut(line: str) -> str:
    more = len(line) - _LONGEST
    return f"{line[:_LONGEST]} … {more:,} more characters" if more > 0 else line


def _last_name(test: str) -> str:
    """``test_two`` of ``tests/test_a.py::Case::test_two``: runners name the rest in their own ways."""
    return re.split(r"::|\.(?=\w+$)", test)[-1].strip() or test
