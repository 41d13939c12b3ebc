"""Compares a step's report with the parent's report of the same step."""

from collections.abc import Sequence
from dataclasses import dataclass

from autopack.checks.results.same_tests import every_id, may_be_unstable, seen_from, without_changing
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
    """Compares by id. Without a report of the parent every red id counts as new, and none as missing.

    All ids are those of ``report``: what differs in them from run to run by its nature, or is known as unstable, makes no test new.
    """
    here = set(report.results.red) if report.results else set()
    there = seen_from(report.results, parent.results if parent else None)
    before = set(there.red) if there else set()
    missing = set(there.passed) - _ran(report.results) if there and report.results and report.results.is_complete else set()
    return Comparison(tuple(sorted(here - before)), tuple(sorted(here & before)), tuple(sorted(missing)))


def passed_now(first: StepReport, again: StepReport) -> tuple[str, ...]:
    """Tests that were red in the first of two runs of one tree and passed in the second, under their ids there."""
    before = seen_from(again.results, first.results)
    return tuple(sorted(set(before.red) & set(again.results.passed))) if before and again.results else ()


def came_and_went(runs: Sequence[StepReport]) -> set[str]:
    """Tests that were red in an earlier run of one tree and passed in the last one, or the other way round, under their ids in the last."""
    last, found = runs[-1], set[str]()
    for one in runs[:-1]:
        before = seen_from(last.results, one.results)
        if before is not None and last.results is not None:
            found |= {*before.red} & {*last.results.passed} | {*before.passed} & {*last.results.red}
    return found


def settled(runs: Sequence[StepReport]) -> StepReport:
    """The last of several runs of one tree, in which what passed in an earlier one is not red. It is green if nothing else is red."""
    last = runs[-1]
    if len(runs) == 1 or last.results is None or not has_reported(last):
        return last
    passed = came_and_went(runs) & {*last.results.failed}
    if not passed:
        return last
    failed = tuple(test for test in last.results.failed if test not in passed)
    results = last.results.model_copy(update={"failed": failed, "passed": tuple(sorted({*last.results.passed, *passed}))})
    is_green = not results.red and not results.unread
    detail = f"passed in another run on the same tree: {', '.join(sorted(passed)[:5])}" if is_green else last.detail
    return last.model_copy(update={"results": results, "status": StepStatus.GREEN if is_green else last.status, "detail": detail})


def is_doubtful(report: StepReport, parent: StepReport) -> bool:
    """Whether a second run of the parent could show that a missing id comes and goes by chance."""
    return bool(parent.results and parent.results.unstable is None and may_be_unstable(report.results, parent.results))


def ran_twice(first: StepReport, again: StepReport) -> StepReport:
    """The first of two runs of one tree, with the outlines of ids that only one of the runs had."""
    if first.results is None:
        return first
    found = may_be_unstable(again.results, first.results)
    return first.model_copy(update={"results": first.results.model_copy(update={"unstable": found})})


def with_unstable(report: StepReport, parent: StepReport | None) -> StepReport:
    """Applies the parent's unstable outlines to the report."""
    known = parent.results.unstable if parent and parent.results else None
    if known is None or report.results is None:
        return report
    return report.model_copy(update={"results": report.results.model_copy(update={"unstable": known})})


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
    there = seen_from(here, parent.results if parent else None)
    if here is None or not here.is_complete or not has_reported(report):
        return "the test runner did not finish and report"
    if here.unread:
        return f"of its report could not be read: {here.unread[0]}"
    if there is None or not there.is_complete:
        return "nothing complete is known of the parent's tests"
    if here.errors:
        return f"'{here.errors[0]}' could not be collected"
    if not here.failed:
        return "no failing test accounts for it"
    return _first_reason(here, there, never_forgiven)


def has_reported(report: StepReport) -> bool:
    """Whether the runner finished: tests failed, nothing crashed."""
    code = report.exit_code
    if report.status is not StepStatus.RED or code is None or code >= _SIGNAL_BASE:
        return False
    return report.results is None or (report.results.is_complete and (code in (0, _PYTEST_TESTS_FAILED) or not _is_pytest(report.results)))


def _first_reason(here: TestResults, there: TestResults, never_forgiven: frozenset[str]) -> str | None:
    all_ids = every_id(here) | every_id(there)
    failed_there = set(there.failed)
    added = {without_changing(test) for test in never_forgiven}
    for test in here.failed:
        if test not in failed_there:
            return f"'{test}' did not fail on the parent"
        if added and without_changing(test) in added:
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
