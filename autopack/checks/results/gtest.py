"""Reads GoogleTest's own reports (``--gtest_output``, ``GTEST_OUTPUT``): XML, much like JUnit's, or JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from autopack.checks.results.cases import CASES_MAX, NAME_MAX, TEXT_MAX, Case, CaseOutcome, Cases, Named, told_apart
from autopack.checks.results.junit import read_junit

_NOT_RUN: Final = frozenset({"SKIPPED", "SUPPRESSED", "NOTRUN"})


def read_gtest(data: bytes) -> Cases | None:
    """The report's cases; None for a file of another kind."""
    if not data.lstrip().startswith(b"{"):
        return read_junit(data)
    try:
        report = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return Cases((), is_complete=False, why="breaks off") if b'"testsuites"' in data else None
    suites = report.get("testsuites") if isinstance(report, dict) else None
    if not isinstance(suites, list):
        return None
    cases = tuple(_case(test) for suite in _objects(suites) for test in _objects(suite.get("testsuite")))[: CASES_MAX + 1]
    why = f"lists more than {CASES_MAX:,} tests, the most that are read" if len(cases) > CASES_MAX else ""
    return Cases(cases[:CASES_MAX], not why, why)


def gtest_names(cases: Iterable[Case]) -> Iterator[Named]:
    """``Suite.Test``, as ``--gtest_filter`` takes it."""
    plain = (replace(case, name=".".join(part for part in (case.classname, case.name) if part) or "?") for case in cases)
    return told_apart(Named(case.name, case.outcome, case.text) for case in plain)


def _case(test: dict[str, Any]) -> Case:
    failures = [_text(failure, "failure", TEXT_MAX) for failure in _objects(test.get("failures"))]
    is_skipped = bool(_NOT_RUN & {_text(test, "result", NAME_MAX), _text(test, "status", NAME_MAX)})
    outcome = CaseOutcome.FAILED if failures else CaseOutcome.SKIPPED if is_skipped else CaseOutcome.PASSED
    name, classname = _text(test, "name", NAME_MAX), _text(test, "classname", NAME_MAX)
    return Case(name, outcome, classname=classname, text="\n".join(failures)[:TEXT_MAX])


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _text(item: dict[str, Any], key: str, most: int) -> str:
    value = item.get(key)
    return value[:most] if isinstance(value, str) else ""
