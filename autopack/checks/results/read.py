"""Finds where a check leaves its test results, and reads them once it has run."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Final

from autopack.checks.results.cases import CaseOutcome, Cases, Named, gather
from autopack.checks.results.formats import FORMATS, Format, Stream
from autopack.checks.results.pytest import is_pytest, pytest_names
from autopack.checks.results.recognise import pytest_call
from autopack.checks.results.report_files import FILE_BYTES_MAX, FILES_MAX, Identity, StepPlace, identity, read_file, report_files
from autopack.checks.results.text import local, sound
from autopack.core.checking import TestResults
from autopack.core.plan import CheckStep

_TOTAL_BYTES_MAX: Final = 4 * FILE_BYTES_MAX
_OWN_REPORT: Final = "autopack-pytest.xml"
_PYTEST: Final = FORMATS["pytest"]
_NAMED_MAX: Final = 5


@dataclass(frozen=True)
class Source:
    """How the ids of a step are found: none without a format. ``path`` names files, ``is_asked`` is a report that Autopack asks for."""

    format: Format | None = None
    path: str | None = None
    is_asked: bool = False

    @property
    def title(self) -> str:
        if self.format is None:
            return "exit code only"
        if self.format is _PYTEST:
            return f"{_PYTEST.title}, " + ("asked for by Autopack" if self.is_asked else "from a file of the command's own")
        return self.format.title + (" on the command's output" if self.format.stream and not self.path else "")


@dataclass(frozen=True)
class Request:
    """Made before the step runs: how its ids will be found, and what has to be in its environment for it."""

    source: Source
    spot: StepPlace
    pattern: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[Identity] = frozenset()
    stream: Stream | None = None

    @property
    def is_pytest(self) -> bool:
        return self.source.format is _PYTEST

    def on_output(self, data: bytes) -> None:
        if self.stream is not None:
            self.stream.feed(data)


def source_of(step: CheckStep) -> Source:
    """How the ids of a step are found, and the path or pattern of its files. Pure."""
    results = step.results
    call = pytest_call(step.command)
    if results is not None and results.format != "pytest":
        found = FORMATS[results.format]
        return Source(found, results.path or found.files or None)
    if results is None and (step.tests == "none" or call is None):
        return Source()
    path = (results.path if results else None) or (call.report if call else None)
    return Source(_PYTEST, path, is_asked=path is None)


def request(step: CheckStep, spot: StepPlace, environment: Mapping[str, str]) -> Request:
    source = source_of(step)
    if source.is_asked:
        report = spot.out / _OWN_REPORT
        asked = f"{shlex.quote('--junitxml=' + str(report))} -o junit_family=xunit1"
        own = environment.get("PYTEST_ADDOPTS", "")
        return Request(source, spot, str(report), {"PYTEST_ADDOPTS": f"{own} {asked}".strip()})
    if source.format is None:
        return Request(source, spot)
    if source.path is None:
        return Request(source, spot, stream=source.format.stream() if source.format.stream else None)
    pattern = Template(source.path).safe_substitute({**environment, "AUTOPACK_OUT": str(spot.out)})
    asked_by = {} if step.results and step.results.path else {name: value.format(out=spot.out) for name, value in source.format.asked_by}
    return Request(source, spot, pattern, asked_by, frozenset(map(identity, report_files(pattern, spot))))


def read_results(asked: Request) -> TestResults | None:
    """The step's test results; None for a step without ids. A report that is missing or breaks off is incomplete."""
    if asked.source.format is None:
        return None
    if asked.stream is not None:
        return _results(asked, {"": asked.stream.finish()}, ())
    written = [path for path in report_files(asked.pattern, asked.spot) if identity(path) not in asked.seen]
    reports, others = _read(written[:FILES_MAX], asked.source.format.read, asked.spot)
    results = _results(asked, reports, others)
    beyond = (f"all but the first {FILES_MAX:,} files",) if len(written) > FILES_MAX else ()
    return results.model_copy(update={"unread": (*beyond, *results.unread)}) if beyond else results


def _read(paths: Iterable[Path], read: Callable[[bytes], Cases | None], spot: StepPlace) -> tuple[dict[str, Cases], tuple[str, ...]]:
    """The reports by the names of their files, and the names of files that are no reports."""
    reports: dict[str, Cases] = {}
    others: list[str] = []
    left = _TOTAL_BYTES_MAX
    for path in paths:
        name, limit = spot.shown(path), min(FILE_BYTES_MAX, left)
        data = read_file(path, limit)
        left -= len(data or b"")
        found = read(data) if data is not None else Cases((), is_complete=False, why=f"cannot be read, or has more than {limit:,} bytes")
        if found is None:
            others.append(name)
        else:
            reports[name] = found
    return reports, tuple(others)


def _results(asked: Request, reports: Mapping[str, Cases], others: tuple[str, ...]) -> TestResults:
    kept = (_local(entry, asked.spot) for entry in _named(asked, reports.values()))
    why = "; ".join(f"{report.why} in {name}" if name else report.why for name, report in reports.items() if not report.is_complete)
    if not reports:
        why = "was not written" + (f": nothing else than {_listed(others)} was" if others else "")
    found = gather((_as_file(entry, asked.spot) for entry in kept), is_complete=not why)
    unread = tuple(f"{name}, line {line}" for name, report in reports.items() for line in report.unread)[:_NAMED_MAX]
    return found.model_copy(update={"why": why, "unread": unread})


def _named(asked: Request, reports: Iterable[Cases]) -> Iterator[Named]:
    reports = list(reports)
    cases = [case for report in reports for case in report.cases]
    by_format = asked.source.format or _PYTEST
    if by_format.read is not _PYTEST.read:
        return by_format.names(cases)
    is_pytests = asked.is_pytest or (bool(reports) and all(is_pytest(report) for report in reports))
    return pytest_names(cases, asked.spot.has_file) if is_pytests else by_format.names(cases)


def _local(entry: Named, spot: StepPlace) -> Named:
    test = " ".join(local(sound(entry.test), spot.places).split("\n"))
    return Named(test, entry.outcome, local(sound(entry.text), spot.places) if entry.text else "")


def _as_file(entry: Named, spot: StepPlace) -> Named:
    """Makes a failing test with a file's name an error: node, vitest and pytest say so that a file could not be loaded."""
    test = entry.test
    if entry.outcome is CaseOutcome.FAILED and "::" not in test and " > " not in test and "." in test and spot.has_file(test):
        return Named(test, CaseOutcome.ERROR, entry.text)
    return entry


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED_MAX} more" if len(names) > _NAMED_MAX else ""
    return ", ".join(names[:_NAMED_MAX]) + more
