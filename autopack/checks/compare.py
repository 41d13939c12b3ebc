"""Sets a step's report beside the parent's report of the same step."""

from dataclasses import dataclass

from autopack.core.checking import StepReport, StepStatus, TestResults

_SIGNAL_BASE = 128
_PYTEST_TESTS_FAILED = 1


@dataclass(frozen=True)
class Comparison:
    """Sorted ids: red here but not on the parent; red on both; passed there and did not run here."""

    newly_failed: tuple[str, ...] = ()
    red_before: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def compare(report: StepReport, parent: StepReport | None) -> Comparison:
    """Where nothing is known of the parent every red id counts as new, and none as missing."""
    here = set(report.results.red) if report.results else set()
    there = parent.results if parent else None
    before = set(there.red) if there else set()
    missing = set(there.passed) - _ran(report.results) if there and report.results and report.results.is_complete else set()
    return Comparison(tuple(sorted(here - before)), tuple(sorted(here & before)), tuple(sorted(missing)))


def is_newly_red(report: StepReport, parent: StepReport | None) -> bool:
    """Whether the parent did better: its step was green (or is not known), or a test fails here that did not fail there."""
    if report.status is StepStatus.GREEN:
        return False
    if parent is None or parent.status is StepStatus.GREEN:
        return True
    return bool(compare(report, parent).newly_failed) or (has_reported(parent) and not has_reported(report))


def why_red(report: StepReport, parent: StepReport | None, never_forgiven: frozenset[str]) -> str | None:
    """Why ``baseline: parent`` does not forgive this red step; None where it does."""
    here = report.results
    there = parent.results if parent else None
    if here is None or not here.is_complete or not has_reported(report):
        return "the test runner did not finish and report"
    if there is None or not there.is_complete:
        return "nothing complete is known of the parent's tests"
    if here.errors:
        return f"'{here.errors[0]}' could not be collected"
    if not here.failed:
        return "no failing test accounts for it"
    return _first_reason(here, there, never_forgiven)


def has_reported(report: StepReport) -> bool:
    """Whether the runner came to its end: tests failed, nothing crashed."""
    code = report.exit_code
    if report.status is not StepStatus.RED or code is None or code >= _SIGNAL_BASE:
        return False
    return report.results is None or (report.results.is_complete and (code in (0, _PYTEST_TESTS_FAILED) or not _is_pytest(report.results)))


def _first_reason(here: TestResults, there: TestResults, never_forgiven: frozenset[str]) -> str | None:
    all_ids = {*here.passed, *here.failed, *here.skipped, *there.passed, *there.failed, *there.skipped}
    for test in here.failed:
        if test not in there.failed:
            return f"'{test}' did not fail on the parent"
        if test in never_forgiven:
            return f"'{test}' was added by an earlier phase of this run to be made green"
        if f"{test} (2)" in all_ids or _is_numbered(test, all_ids):
            return f"'{test}' is the name of several tests, which cannot be told apart"
    lost = sorted(set(there.passed) - set(here.passed))
    return f"'{lost[0]}' passed on the parent and did not run and pass here" if lost else None


def _is_numbered(test: str, all_ids: set[str]) -> bool:
    stem, space, number = test.rpartition(" (")
    return bool(space) and number[:-1].isdecimal() and number.endswith(")") and stem in all_ids


def _is_pytest(results: TestResults) -> bool:
    return any(".py::" in test for test in (*results.failed[:1], *results.passed[:1]))


def _ran(results: TestResults | None) -> set[str]:
    return {*results.passed, *results.failed, *results.errors} if results else set()
