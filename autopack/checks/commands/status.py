"""Decides what a command's end means: green, red, or that nothing can be said."""

from typing import Final

from autopack.checks.commands.unstartable import Missing
from autopack.checks.processes.command import CommandEnd, EndKind
from autopack.checks.results.read import Request
from autopack.core.checking import StepStatus, TestResults
from autopack.core.plan import CheckStep

_PYTEST_NONE_COLLECTED: Final = 5
_PYTEST_USAGE: Final = 4


_LIMITS: Final = {EndKind.TIMEOUT: StepStatus.TIMEOUT, EndKind.IDLE: StepStatus.IDLE}


def status_of(
    step: CheckStep, end: CommandEnd, asked: Request, results: TestResults | None, missing: Missing | None
) -> tuple[StepStatus, str]:
    """The status, and a sentence where there is more to say than the exit code. Exit code 0 alone can be green; it may be red too."""
    if missing is not None:
        return StepStatus.NOT_STARTED, missing.sentence
    if end.kind is not EndKind.EXITED:
        return _LIMITS.get(end.kind, StepStatus.RED), end.detail
    if end.exit_code == 0:
        return _after_success(step, asked, results, end.detail)
    if asked.is_pytest and end.exit_code == _PYTEST_NONE_COLLECTED:
        return StepStatus.NO_TESTS, "pytest collected no test (exit code 5)."
    if asked.source.is_asked and end.exit_code == _PYTEST_USAGE and "--junitxml" in end.output:
        advice = "Autopack asked pytest for a report (PYTEST_ADDOPTS), which this one does not know; with 'tests: none' it is not asked."
        return StepStatus.RED, advice
    return StepStatus.RED, end.detail


def _after_success(step: CheckStep, asked: Request, results: TestResults | None, detail: str) -> tuple[StepStatus, str]:
    if results is None:
        if step.tests == "required":
            return (
                StepStatus.NO_TESTS,
                "exit code 0, but no test ids are known and the plan requires tests; name the report under 'results'.",
            )
        return StepStatus.GREEN, detail
    if results.red:
        return StepStatus.RED, f"exit code 0, but its report lists {len(results.red)} failing tests, the first '{results.red[0]}'."
    if not results.is_complete:
        status = StepStatus.NO_TESTS if asked.source.is_asked and not results.ran else StepStatus.RED
        advice = " With 'tests: none' the exit code alone counts." if status is StepStatus.NO_TESTS else ""
        return status, f"exit code 0, but the test report ({asked.source.title}) {results.why}.{advice}"
    if not results.ran and step.tests != "none":
        skipped = f", {len(results.skipped)} were skipped" if results.skipped else ""
        return StepStatus.NO_TESTS, f"exit code 0, but no test ran{skipped}.{_unread(results)}"
    return StepStatus.GREEN, f"{detail}{_unread(results)}".strip()


def _unread(results: TestResults) -> str:
    return f" Of the report could not be read: {'; '.join(results.unread)}." if results.unread else ""
