"""Reads ``go test -json`` as it streams by: one event a line, with other lines between them."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from autopack.checks.results.cases import CASES_MAX, NAME_MAX, TEXT_MAX, Case, CaseOutcome, Cases

_LINE_MAX: Final = 100_000
_OUTCOMES: Final = {"pass": CaseOutcome.PASSED, "fail": CaseOutcome.FAILED, "skip": CaseOutcome.SKIPPED}
_BUILD: Final = "[build failed]"


@dataclass
class _Package:
    is_ended: bool = False
    has_failed: bool = False
    running: dict[str, str] = field(default_factory=dict)
    """Each test that has begun, with its output."""

    said: str = ""


class GoReader:
    """Fed with bytes as they come; bounded in lines, tests and what is kept of their words."""

    def __init__(self) -> None:
        self._rest = b""
        self._packages: dict[str, _Package] = {}
        self._builds: dict[str, str] = {}
        self._cases: list[Case] = []
        self._why = ""

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        self._rest = rest[:_LINE_MAX]

    def finish(self) -> Cases:
        self._line(self._rest)
        self._rest = b""
        open_ones = [name for name, package in self._packages.items() if not package.is_ended]
        why = self._why or ("" if self._packages else "was not written")
        return Cases(tuple(self._cases), not (why or open_ones), why or (f"breaks off in {open_ones[0]}" if open_ones else ""))

    def _line(self, line: bytes) -> None:
        if not line.lstrip().startswith(b"{") or len(line) > _LINE_MAX:
            return
        try:
            event = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict) and isinstance(event.get("Action"), str):
            self._event(event)

    def _event(self, event: dict[str, Any]) -> None:
        action, name, test, output = (_text(event, key) for key in ("Action", "Package", "Test", "Output"))
        if action == "build-output":
            path = _text(event, "ImportPath")
            if path in self._builds or len(self._builds) < CASES_MAX:
                self._builds[path] = _added(self._builds.get(path, ""), output)
            return
        if not name or (name not in self._packages and self._is_too_many()):
            return
        package = self._packages.setdefault(name, _Package())
        if action == "output":
            if test in package.running:
                package.running[test] = _added(package.running[test], output)
            elif not test:
                package.said = _added(package.said, output)
        elif test:
            self._test(name, package, test, action)
        elif action in _OUTCOMES:
            self._end(name, package, action, self._builds.get(_text(event, "FailedBuild"), ""))

    def _test(self, name: str, package: _Package, test: str, action: str) -> None:
        if action == "run" and not self._is_too_many():
            package.running[test] = ""
        elif action in _OUTCOMES:
            said = package.running.pop(test, "")
            self._case(name, test, _OUTCOMES[action], said if action == "fail" else "")
            package.has_failed |= action == "fail"

    def _end(self, name: str, package: _Package, action: str, built: str) -> None:
        """A package that fails takes the tests with it that were running; one that has none was not built, or failed as a whole."""
        package.is_ended = True
        if action != "fail":
            return
        for test, said in package.running.items():
            self._case(name, test, CaseOutcome.FAILED, said or package.said)
        if not package.has_failed and not package.running:
            self._case(name, _BUILD if built or "failed]" in package.said else "(package)", CaseOutcome.ERROR, built or package.said)
        package.running.clear()

    def _case(self, package: str, test: str, outcome: CaseOutcome, text: str) -> None:
        if not self._is_too_many():
            self._cases.append(Case(test, outcome, suites=(package,), text=text.strip()))

    def _is_too_many(self) -> bool:
        if len(self._cases) >= CASES_MAX or len(self._packages) >= CASES_MAX:
            self._why = f"lists more than {CASES_MAX:,} tests, the most that are read"
        return bool(self._why)


def read_go(data: bytes) -> Cases | None:
    """A file of events; None for one without any."""
    reader = GoReader()
    reader.feed(data)
    found = reader.finish()
    return found if found.cases or found.is_complete or found.why.startswith("breaks off") else None


def _text(event: dict[str, Any], key: str) -> str:
    value = event.get(key)
    return value[:NAME_MAX] if isinstance(value, str) and key != "Output" else value[:TEXT_MAX] if isinstance(value, str) else ""


def _added(said: str, more: str) -> str:
    return (said + more)[-TEXT_MAX:] if len(said) + len(more) > TEXT_MAX else said + more
