"""Reads JUnit XML, as pytest, node, jest, surefire, go-junit-report, GoogleTest and others write it; bounds hostile files."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.checks.results.cases import CASES_MAX, NAME_MAX, TEXT_MAX, Case, CaseOutcome, Cases, Named, told_apart
from autopack.checks.results.markup import Scan, StopReading, scan

_SUITES: Final = frozenset({"testsuite", "testsuites"})
_SUITE_DEPTH: Final = 2
"""The first suite is the root or stands right below it; else the file is another tool's."""

_RED: Final = frozenset({"failure", "error"})
_NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped", "suppressed", "ignored"})
_NOT_BUILT: Final = frozenset({"[build failed]", "[setup failed]", "collection failure"})


def read_junit(data: bytes) -> Cases | None:
    """The report's cases, one that breaks off those before the break; None for a file that is no JUnit report."""
    reader = _Reader()
    found = scan(data, reader)
    if not reader.is_junit:
        return None
    is_complete = found.is_whole and not reader.has_uncounted
    return Cases(tuple(reader.cases), is_complete, _why(reader, found), tuple(found.faults))


def junit_names(cases: Iterable[Case]) -> Iterator[Named]:
    """Ids for reports that no better rule fits: file, suites, class and name, each once."""
    return told_apart(Named(_junit_id(case), case.outcome, case.text) for case in cases)


def _junit_id(case: Case) -> str:
    parts: list[str] = []
    for part in (case.file or "", *case.suites, "" if case.classname == "test" else case.classname, case.name):
        if part and not any(part == other or part.startswith(other + " ") for other in parts[-1:]):
            parts.append(part)
        elif part:
            parts[-1] = part
    return " > ".join(parts) or "?"


def _why(reader: "_Reader", found: Scan) -> str:
    if reader.has_too_many:
        return f"lists more than {CASES_MAX:,} tests, the most that are read"
    if found.is_whole and reader.has_uncounted:
        return "counts more failures than it lists"
    return "" if found.is_whole else "breaks off"


@dataclass
class _Suite:
    name: str
    declared: int
    red: int = 0


@dataclass
class _Open:
    """A test case that is being read."""

    attributes: Mapping[str, str]
    outcome: CaseOutcome = CaseOutcome.PASSED
    is_skipped: bool = False
    text: list[str] = field(default_factory=list)
    size: int = 0

    def say(self, text: str) -> None:
        room = TEXT_MAX - self.size
        if room > 0:
            self.text.append(text[:room])
            self.size += len(text)


class _Reader:
    """What ``scan`` shows the report to; ``has_uncounted`` says that a suite declares more failures than it lists."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.is_junit = False
        self.has_uncounted = False
        self.has_too_many = False
        self.wants_text = False
        self._suites: list[_Suite] = []
        self._case: _Open | None = None
        self._depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self.is_junit |= tag in _SUITES
        self.has_too_many = tag == "testcase" and len(self.cases) >= CASES_MAX
        if self.has_too_many or (not self.is_junit and self._depth > _SUITE_DEPTH):
            raise StopReading
        if tag == "testsuite":
            self._suites.append(
                _Suite(attributes.get("name", "")[:NAME_MAX], _count(attributes, "failures") + _count(attributes, "errors"))
            )
        elif tag == "testcase":
            if self._case is not None:
                self._close(self._case)
            self._case = _Open(attributes, is_skipped=bool(_NOT_RUN & {attributes.get("status", ""), attributes.get("result", "")}))
        elif tag in _RED:
            self.wants_text = self._red(tag, attributes)
        elif tag == "skipped" and self._case is not None:
            self._case.is_skipped = True

    def text(self, text: str) -> None:
        if self._case is not None:
            self._case.say(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if tag in _RED:
            self.wants_text = False
        elif tag == "testcase" and self._case is not None:
            self._close(self._case)
            self._case = None
        elif tag == "testsuite" and self._suites:
            suite = self._suites.pop()
            self.has_uncounted |= suite.declared > suite.red

    def _red(self, tag: str, attributes: Mapping[str, str]) -> bool:
        for suite in self._suites:
            suite.red += 1
        message = attributes.get("message", "")
        case = self._case
        if case is None:
            where = tuple(suite.name for suite in self._suites)
            self.cases.append(Case("(suite)", CaseOutcome.ERROR, suites=where, text=message[:TEXT_MAX]))
            return False
        is_unbuilt = message in _NOT_BUILT or case.attributes.get("name") in _NOT_BUILT
        case.outcome = max(case.outcome, CaseOutcome.ERROR if is_unbuilt and tag in _RED else CaseOutcome.FAILED)
        if message and message not in _NOT_BUILT:
            case.say(message + "\n")
        return True

    def _close(self, case: _Open) -> None:
        attributes = case.attributes
        self.cases.append(
            Case(
                name=attributes.get("name", "")[:NAME_MAX],
                outcome=CaseOutcome.SKIPPED if case.is_skipped else case.outcome,
                suites=tuple(suite.name for suite in self._suites if suite.name),
                classname=attributes.get("classname", "")[:NAME_MAX],
                file=attributes.get("file", "")[:NAME_MAX] or None,
                text="".join(case.text).strip(),
            )
        )


def _count(attributes: Mapping[str, str], name: str) -> int:
    value = attributes.get(name, "")
    return int(value) if value.isdecimal() and value.isascii() and len(value) < len(str(CASES_MAX)) + 1 else 0
