"""Judges one step: decides what a red one means, and whether it is forgiven. Pure."""

from dataclasses import dataclass, field
from typing import Final

from autopack.checks.results.compare import Comparison, compare, has_reported, why_red
from autopack.checks.results.evidence import evidence, sentence
from autopack.checks.results.same_tests import every_id, seen_from
from autopack.core.checking import StepReport, StepStatus, TestResults
from autopack.core.failure import FailureKind
from autopack.core.plan import Checks


@dataclass(frozen=True)
class StepVerdict:
    """``failure`` is None where the step stops nothing; ``forgiven`` are the ids that ``baseline: parent`` lets pass."""

    report: StepReport
    comparison: Comparison = field(default_factory=Comparison)
    failure: FailureKind | None = None
    message: str = ""
    evidence: str = ""
    forgiven: tuple[str, ...] = ()
    added_red: tuple[str, ...] = ()


_KINDS: Final[dict[StepStatus, FailureKind]] = {
    StepStatus.RED: FailureKind.CHECKS_RED,
    StepStatus.TIMEOUT: FailureKind.CHECK_TIMEOUT,
    StepStatus.IDLE: FailureKind.CHECK_TIMEOUT,
    StepStatus.NO_TESTS: FailureKind.NO_TESTS,
}


def judge_step(report: StepReport, parent: StepReport | None, checks: Checks, added_red: frozenset[str] = frozenset()) -> StepVerdict:
    """Judges a step that is expected to be green.

    Args:
        report: the step on the candidate.
        parent: the same step on the candidate's parent, where it is known.
        checks: says whether failures of the parent are forgiven.
        added_red: ids that ``expect: red`` phases of this run added; they are never forgiven.
    """
    comparison = compare(report, parent)
    if report.status is StepStatus.GREEN:
        return StepVerdict(report, comparison)
    reason = None
    if checks.baseline == "parent":
        reason = why_red(report, parent, added_red)
        if reason is None and report.results is not None:
            return StepVerdict(report, comparison, forgiven=report.results.failed)
    message = sentence(report, comparison) + (f" It is not forgiven (baseline: parent): {reason}." if reason else "")
    return StepVerdict(report, comparison, _kind(report, parent), message, evidence(report, comparison))


def judge_expected_red(report: StepReport, parent: StepReport | None) -> StepVerdict:
    """Judges a step of a phase that only adds tests: its new ids fail, none errs at collection, the old ones stay as they were.

    A step without test ids (a linter) is judged as if green were expected.
    """
    comparison = compare(report, parent)
    if report.status in (StepStatus.TIMEOUT, StepStatus.IDLE, StepStatus.NOT_STARTED) or (
        report.results is None and report.status is not StepStatus.GREEN
    ):
        return StepVerdict(report, comparison, _kind(report, parent), sentence(report, comparison), evidence(report, comparison))
    if report.results is None:
        return StepVerdict(report, comparison)
    problem, added = _expected_red(report, parent)
    if problem is None:
        return StepVerdict(report, comparison, added_red=added)
    message = f"check '{report.name[:80]}': {problem}."
    return StepVerdict(report, comparison, FailureKind.NOT_RED, message, evidence(report, comparison))


def _expected_red(report: StepReport, parent: StepReport | None) -> tuple[str | None, tuple[str, ...]]:
    here = report.results
    there = seen_from(here, parent.results if parent else None)
    if here is None or there is None or not there.is_complete:
        return "the parent's tests are not known, so new ones cannot be told from old ones", ()
    if not here.is_complete or (report.status is StepStatus.RED and not has_reported(report)):
        return "the test runner did not finish and report", ()
    known = every_id(there)
    return _first_problem(report, here, there), tuple(test for test in here.failed if test not in known)


def _first_problem(report: StepReport, here: TestResults, there: TestResults) -> str | None:
    known = every_id(there)
    new_not_red = sorted({*here.passed, *here.skipped} - known)
    lost = sorted(set(there.passed) - set(here.passed))
    vanished = sorted({*there.failed, *there.skipped} - {*here.passed, *here.failed, *here.skipped})
    is_red_by_itself = report.status is StepStatus.RED and not here.failed
    problems = (
        (list(here.errors), "'{}' cannot be collected; a new test must be found and fail"),
        ([report.name] if is_red_by_itself else [], "'{}' is red though no test fails"),
        (new_not_red, "the new test '{}' does not fail"),
        (lost, "'{}' passed before and does not now"),
        (vanished, "'{}' was there before and is not now"),
    )
    return next((what.replace("{}", tests[0]) for tests, what in problems if tests), None)


def _kind(report: StepReport, parent: StepReport | None) -> FailureKind:
    if report.status is StepStatus.NOT_STARTED:
        is_old = parent is None or parent.status is StepStatus.NOT_STARTED
        return FailureKind.ENVIRONMENT if is_old else FailureKind.CHECKS_RED
    return _KINDS[report.status]
