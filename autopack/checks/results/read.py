"""Where a check's test results come from, and what they say once it has run."""

import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from pathlib import Path
from string import Template
from typing import Final

from autopack.checks.recognise import pytest_call
from autopack.checks.results.cases import Cases, Named, Outcome, gather
from autopack.checks.results.junit import BYTES_MAX, junit_names, read_junit
from autopack.checks.results.pytest import Exists, is_pytest, pytest_names
from autopack.checks.results.tap import TapReader, tap_names
from autopack.checks.text import local
from autopack.core.checking import TestResults
from autopack.core.plan import CheckStep
from autopack.core.scope import matches

_FILES_MAX: Final = 5_000
_VISITED_MAX: Final = 300_000
_NOT_ENTERED: Final = frozenset({".git", "node_modules"})
_OWN_REPORT: Final = "autopack-pytest.xml"

_Seen = frozenset[tuple[str, int, int, int]]


class Source(Enum):
    NONE = "exit code only"
    PYTEST = "pytest's report, asked for by Autopack"
    PYTEST_FILE = "pytest's report, from a file of the command's own"
    JUNIT = "JUnit XML files"
    TAP_FILE = "TAP files"
    TAP_OUTPUT = "TAP on the command's output"


@dataclass(frozen=True)
class Spot:
    """Where a step runs: the work tree's root, the step's directory in it, and its ``AUTOPACK_OUT``."""

    root: Path
    cwd: Path
    out: Path

    @property
    def places(self) -> dict[str, str]:
        return {str(self.root): "", str(self.out): "$AUTOPACK_OUT"}


@dataclass(frozen=True)
class Request:
    """Made before the step runs: how its ids will be found, and what has to be in its environment for it."""

    source: Source
    spot: Spot
    pattern: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    seen: _Seen = frozenset()
    tap: TapReader = field(default_factory=TapReader)

    @property
    def is_pytest(self) -> bool:
        return self.source in (Source.PYTEST, Source.PYTEST_FILE)

    def on_output(self, data: bytes) -> None:
        if self.source is Source.TAP_OUTPUT:
            self.tap.feed(data)


def source_of(step: CheckStep) -> tuple[Source, str | None]:
    """How the ids of a step are found, and the path or pattern of its files. Pure; ``plan check`` shows it."""
    results = step.results
    call = pytest_call(step.command)
    if results is not None:
        match results.format:
            case "junit":
                return Source.JUNIT, results.path or "$AUTOPACK_OUT/**/*.xml"
            case "tap":
                return (Source.TAP_FILE, results.path) if results.path else (Source.TAP_OUTPUT, None)
            case "pytest" if results.path:
                return Source.PYTEST_FILE, results.path
            case "pytest":
                return (Source.PYTEST_FILE, call.report) if call and call.report else (Source.PYTEST, None)
    if step.tests == "none" or call is None:
        return Source.NONE, None
    return (Source.PYTEST_FILE, call.report) if call.report else (Source.PYTEST, None)


def request(step: CheckStep, spot: Spot, environment: Mapping[str, str]) -> Request:
    source, pattern = source_of(step)
    if source is Source.PYTEST:
        report = spot.out / _OWN_REPORT
        asked = f"{shlex.quote('--junitxml=' + str(report))} -o junit_family=xunit1"
        own = environment.get("PYTEST_ADDOPTS", "")
        return Request(source, spot, str(report), {"PYTEST_ADDOPTS": f"{own} {asked}".strip()})
    if pattern is not None:
        pattern = Template(pattern).safe_substitute({**environment, "AUTOPACK_OUT": str(spot.out)})
    return Request(source, spot, pattern, seen=frozenset(_identity(path) for path in _files(pattern, spot)))


def read_results(asked: Request) -> TestResults | None:
    """The step's test results; None where ids were never to be had. No report, or a broken one, is incomplete."""
    if asked.source is Source.NONE:
        return None
    if asked.source is Source.TAP_OUTPUT:
        return _results(asked, [asked.tap.finish()], is_pytest_named=False)
    written = [path for path in _files(asked.pattern, asked.spot) if _identity(path) not in asked.seen]
    cases: list[Cases] = []
    left = BYTES_MAX
    for path in written:
        data = _read(path, left)
        left -= len(data)
        cases.append(_tap(data) if asked.source is Source.TAP_FILE else read_junit(data))
    return _results(asked, cases, is_pytest_named=asked.is_pytest or all(is_pytest(one) for one in cases))


def _results(asked: Request, reports: list[Cases], *, is_pytest_named: bool) -> TestResults:
    cases = [case for report in reports for case in report.cases]
    spot = asked.spot

    def exists(path: str) -> bool:
        return (spot.cwd / path).is_file() or (spot.root / path).is_file()

    if asked.source in (Source.TAP_FILE, Source.TAP_OUTPUT):
        named = tap_names(cases)
    elif is_pytest_named:
        named = pytest_names(cases, exists)
    else:
        named = junit_names(cases)
    kept = (_local(entry, spot) for entry in named)
    is_complete = bool(reports) and all(report.is_complete for report in reports)
    return gather((_as_file(entry, exists) for entry in kept), is_complete=is_complete)


def _local(entry: Named, spot: Spot) -> Named:
    return Named(" ".join(local(entry.test, spot.places).split("\n")), entry.outcome, local(entry.text, spot.places))


def _as_file(entry: Named, exists: Exists) -> Named:
    """A whole file that fails as if it were a test could not be loaded: that is how node and pytest say so."""
    if entry.outcome is Outcome.FAILED and "::" not in entry.test and " > " not in entry.test and "." in entry.test and exists(entry.test):
        return Named(entry.test, Outcome.ERROR, entry.text)
    return entry


def _tap(data: bytes) -> Cases:
    reader = TapReader()
    reader.feed(data)
    return reader.finish()


def _files(pattern: str | None, spot: Spot) -> Iterator[Path]:
    """Regular files that the pattern names, below the work tree or ``AUTOPACK_OUT`` once links are followed."""
    if not pattern:
        return
    homes = (spot.root.resolve(), spot.out.resolve())
    for path in islice(_named(spot.cwd / pattern), _FILES_MAX):
        real = path.resolve()
        if real.is_file() and any(real.is_relative_to(home) for home in homes):
            yield real


def _named(pattern: Path) -> Iterator[Path]:
    """One path, or those below the pattern's fixed folders that match it; links are not followed on the way."""
    parts = pattern.parts
    fixed = next((index for index, part in enumerate(parts) if "*" in part), None)
    if fixed is None:
        yield pattern
        return
    base, rest = Path(*parts[:fixed]), "/".join(parts[fixed:])
    visited = 0
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(set(folders) - _NOT_ENTERED)
        visited += len(names) + len(folders)
        if visited > _VISITED_MAX:
            return
        yield from (path for name in sorted(names) if matches(rest, (path := Path(folder, name)).relative_to(base).as_posix()))


def _identity(path: Path) -> tuple[str, int, int, int]:
    """What changes when a report is written anew: an old one never speaks for a new run."""
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0, 0)
    return (str(path), found.st_ino, found.st_mtime_ns, found.st_size)


def _read(path: Path, limit: int) -> bytes:
    """The file, one byte beyond the limit at most, so that the reader sees that it is too long."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(max(0, limit) + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
