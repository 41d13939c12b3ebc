"""JUnit XML, as pytest, node, jest, surefire, go-junit-report and others write it. Hostile files are refused or bounded."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from autopack.checks.results.cases import Case, Cases, Named, Outcome, told_apart

BYTES_MAX: Final = 64_000_000
CASES_MAX: Final = 200_000
_DEPTH_MAX: Final = 64
_NAME_MAX: Final = 1_000
_TEXT_MAX: Final = 6_000
_CHUNK: Final = 1_000_000

_RED: Final = frozenset({"failure", "error"})
_NOT_RUN: Final = frozenset({"notrun", "disabled", "skipped", "suppressed", "ignored"})
_NOT_BUILT: Final = frozenset({"[build failed]", "[setup failed]", "collection failure"})
_BAD_BYTES: Final = bytes(code for code in range(32) if code not in b"\t\n\r")
_BAD_REFERENCE: Final = re.compile(rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def read_junit(data: bytes) -> Cases:
    """The report's cases; an incomplete one gives those before the break."""
    reader = _Reader()
    is_complete = len(data) <= BYTES_MAX and _parse(data[:BYTES_MAX], reader)
    return Cases(tuple(reader.cases), is_complete and not reader.has_uncounted)


def junit_names(cases: Iterable[Case]) -> Iterator[Named]:
    """Ids of reports that no better rule fits: file, suites, class and name, each once."""
    return told_apart(Named(_junit_id(case), case.outcome, case.text) for case in cases)


def _junit_id(case: Case) -> str:
    parts: list[str] = []
    for part in (case.file or "", *case.suites, "" if case.classname == "test" else case.classname, case.name):
        if part and not any(part == other or part.startswith(other + " ") for other in parts[-1:]):
            parts.append(part)
        elif part:
            parts[-1] = part
    return " > ".join(parts) or "?"


class _RefusedError(Exception):
    """The document is not one that a test runner writes."""


def _parse(data: bytes, reader: "_Reader") -> bool:
    if not data.startswith(_UTF16):
        data = _BAD_REFERENCE.sub(b"", data.translate(None, _BAD_BYTES))
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        for begin in range(0, len(data), _CHUNK):
            parser.Parse(data[begin : begin + _CHUNK], False)  # noqa: FBT003 - expat takes it by position only
        parser.Parse(b"", True)  # noqa: FBT003 - as above
    except (expat.ExpatError, _RefusedError, ValueError, LookupError):
        return False
    return True


def _refuse_document_type(*_: object) -> None:
    raise _RefusedError


@dataclass
class _Suite:
    name: str
    declared: int
    red: int = 0


@dataclass
class _Open:
    """A test case that is being read."""

    attributes: dict[str, str]
    outcome: Outcome = Outcome.PASSED
    is_skipped: bool = False
    text: list[str] = field(default_factory=list)
    size: int = 0

    def say(self, text: str) -> None:
        room = _TEXT_MAX - self.size
        if room > 0:
            self.text.append(text[:room])
            self.size += len(text)


class _Reader:
    """The handlers expat calls; ``has_uncounted`` says that a suite declares more failures than it lists."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.has_uncounted = False
        self._suites: list[_Suite] = []
        self._case: _Open | None = None
        self._depth = 0
        self._is_telling = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH_MAX or len(self.cases) > CASES_MAX:
            raise _RefusedError
        tag = tag.rpartition(":")[2]
        if tag == "testsuite":
            self._suites.append(
                _Suite(attributes.get("name", "")[:_NAME_MAX], _count(attributes, "failures") + _count(attributes, "errors"))
            )
        elif tag == "testcase":
            self._case = _Open(attributes, is_skipped=bool(_NOT_RUN & {attributes.get("status", ""), attributes.get("result", "")}))
        elif tag in _RED:
            self._is_telling = self._red(tag, attributes)
        elif tag == "skipped" and self._case is not None:
            self._case.is_skipped = True

    def text(self, text: str) -> None:
        if self._is_telling and self._case is not None:
            self._case.say(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        tag = tag.rpartition(":")[2]
        if tag in _RED:
            self._is_telling = False
        elif tag == "testcase" and self._case is not None:
            self._close(self._case)
            self._case = None
        elif tag == "testsuite" and self._suites:
            suite = self._suites.pop()
            self.has_uncounted |= suite.declared > suite.red

    def _red(self, tag: str, attributes: dict[str, str]) -> bool:
        for suite in self._suites:
            suite.red += 1
        message = attributes.get("message", "")
        case = self._case
        if case is None:
            where = tuple(suite.name for suite in self._suites)
            self.cases.append(Case("(suite)", Outcome.ERROR, suites=where, text=message[:_TEXT_MAX]))
            return False
        is_unbuilt = message in _NOT_BUILT or case.attributes.get("name") in _NOT_BUILT
        case.outcome = max(case.outcome, Outcome.ERROR if is_unbuilt and tag in _RED else Outcome.FAILED)
        if message and message not in _NOT_BUILT:
            case.say(message + "\n")
        return True

    def _close(self, case: _Open) -> None:
        attributes = case.attributes
        self.cases.append(
            Case(
                name=attributes.get("name", "")[:_NAME_MAX],
                outcome=Outcome.SKIPPED if case.is_skipped else case.outcome,
                suites=tuple(suite.name for suite in self._suites if suite.name),
                classname=attributes.get("classname", "")[:_NAME_MAX],
                file=attributes.get("file", "")[:_NAME_MAX] or None,
                text="".join(case.text).strip(),
            )
        )


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "")
    return int(value) if value.isdecimal() and len(value) < len(str(CASES_MAX)) + 1 else 0
