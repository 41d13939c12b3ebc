"""Reads TRX, as ``dotnet test --logger trx`` writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.checks.results.cases import CASES_MAX, NAME_MAX, TEXT_MAX, Case, CaseOutcome, Cases
from autopack.checks.results.markup import StopReading, scan

_OUTCOMES: Final = {
    **dict.fromkeys(("Passed", "PassedButRunAborted", "Completed", "Warning"), CaseOutcome.PASSED),
    **dict.fromkeys(("NotExecuted", "Inconclusive", "NotRunnable", "Pending", "InProgress", "Disconnected"), CaseOutcome.SKIPPED),
}
"""Any other outcome (Failed, Error, Timeout, Aborted) is a failure, and so is a result without an outcome."""

_TOLD: Final = frozenset({"Message", "StackTrace"})
_ROOT: Final = "TestRun"


def read_trx(data: bytes) -> Cases | None:
    """The run's results, of a data-driven test those of its rows; None for a file that is no test run."""
    reader = _Reader()
    found = scan(data, reader)
    if not reader.is_trx:
        return None
    cases = [case for result in reader.ended if (case := reader.case_of(result)) is not None]
    red = sum(case.outcome >= CaseOutcome.FAILED for case in cases)
    why = reader.why or ("" if found.is_whole else "breaks off") or ("counts more failures than it lists" if reader.declared > red else "")
    return Cases(tuple(cases), not why, why, tuple(found.faults))


@dataclass
class _Result:
    attributes: Mapping[str, str]
    has_rows: bool = False
    text: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self) -> None:
        self.is_trx = False
        self.ended: list[_Result] = []
        self.declared = 0
        self.why = ""
        self.wants_text = False
        self._open: list[_Result] = []
        self._classes: dict[str, str] = {}
        self._definition = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.is_trx |= tag == _ROOT
        if not self.is_trx:
            raise StopReading
        if tag in {"UnitTestResult", "TestResultAggregation", "GenericTestResult", "WebTestResult"}:
            self._begin(attributes)
        elif tag == "UnitTest":
            self._definition = attributes.get("id", "")
        elif tag == "TestMethod" and self._definition:
            self._classes[self._definition] = attributes.get("className", "").partition(",")[0][:NAME_MAX]
        elif tag == "Counters":
            self.declared = sum(_count(attributes.get(name, "")) for name in ("failed", "error", "timeout", "aborted"))
        self.wants_text = bool(self._open) and tag in _TOLD

    def text(self, text: str) -> None:
        self._open[-1].text.append(text[:TEXT_MAX])

    def end(self, tag: str) -> None:
        self.wants_text = False
        if tag in {"UnitTestResult", "TestResultAggregation", "GenericTestResult", "WebTestResult"} and self._open:
            self.ended.append(self._open.pop())

    def case_of(self, result: _Result) -> Case | None:
        """The test under the name of its class; None for one that is only the sum of its rows."""
        if result.has_rows:
            return None
        name = result.attributes.get("testName", "")[:NAME_MAX]
        owner = self._classes.get(result.attributes.get("testId", ""), "")
        whole = name if not owner or name.startswith(owner) else f"{owner}.{name}"
        outcome = _OUTCOMES.get(result.attributes.get("outcome", ""), CaseOutcome.FAILED)
        return Case(whole or "?", outcome, text="\n".join(result.text).strip()[:TEXT_MAX])

    def _begin(self, attributes: Mapping[str, str]) -> None:
        if len(self.ended) + len(self._open) >= CASES_MAX:
            self.why = f"lists more than {CASES_MAX:,} tests, the most that are read"
            raise StopReading
        if self._open:
            self._open[-1].has_rows = True
        self._open.append(_Result(attributes))


def _count(value: str) -> int:
    return int(value) if value.isdecimal() and value.isascii() and len(value) < len(str(CASES_MAX)) + 1 else 0
