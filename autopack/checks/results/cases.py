"""Gathers the test cases of reports into results."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from autopack.core.checking import TestResults

CASES_MAX: Final = 200_000
"""More tests than this are not read from one check."""

NAME_MAX: Final = 1_000
TEXT_MAX: Final = 6_000
_DETAILS_MAX: Final = 60


class CaseOutcome(IntEnum):
    """Ordered: where a report has several entries for one test, the worst one counts."""

    SKIPPED = 0
    PASSED = 1
    FAILED = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of a report; ``text`` is what it says about a failure."""

    name: str
    outcome: CaseOutcome
    suites: tuple[str, ...] = ()
    classname: str = ""
    file: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Cases:
    """One report. ``is_complete`` is false where it breaks off, and where it counts more failures than it lists.

    ``why`` says then how it breaks off, where there is more to say; ``unread`` are the lines of pieces that could not be read.
    """

    cases: tuple[Case, ...]
    is_complete: bool
    why: str = ""
    unread: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A test under the id it keeps from run to run."""

    test: str
    outcome: CaseOutcome
    text: str = ""


def gather(tests: Iterable[Named], *, is_complete: bool) -> TestResults:
    """Sorts tests by outcome, each list in order of ids, the first failures with their text."""
    worst: dict[str, Named] = {}
    for entry in tests:
        known = worst.get(entry.test)
        if known is None or entry.outcome > known.outcome:
            worst[entry.test] = entry
    ordered = [worst[test] for test in sorted(worst)]
    red = [entry for entry in ordered if entry.outcome >= CaseOutcome.FAILED]
    return TestResults(
        passed=_ids(ordered, CaseOutcome.PASSED),
        failed=_ids(ordered, CaseOutcome.FAILED),
        errors=_ids(ordered, CaseOutcome.ERROR),
        skipped=_ids(ordered, CaseOutcome.SKIPPED),
        is_complete=is_complete,
        details=tuple((entry.test, entry.text) for entry in red if entry.text)[:_DETAILS_MAX],
    )


def told_apart(tests: Iterable[Named]) -> Iterator[Named]:
    """Tests of one id in one report become ``id``, ``id (2)``, ...: not every runner names its tests so that they differ."""
    counts: dict[str, int] = {}
    for entry in tests:
        count = counts[entry.test] = counts.get(entry.test, 0) + 1
        yield entry if count == 1 else Named(f"{entry.test} ({count})", entry.outcome, entry.text)


def _ids(tests: list[Named], outcome: CaseOutcome) -> tuple[str, ...]:
    return tuple(entry.test for entry in tests if entry.outcome is outcome)
