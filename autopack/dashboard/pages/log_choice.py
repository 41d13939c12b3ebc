"""Which logs of its checks a phase has, and where the lines of one come from: its file or, without one, the recorded report."""

from collections.abc import Iterable
from dataclasses import dataclass

from autopack.dashboard.finding import FoundRun
from autopack.dashboard.pages.check_log import lines_of_file
from autopack.executor.run_report import records_of
from autopack.reporting.attempt_story import check_report_of, printed_lines
from autopack.reporting.log_files import LogOf, in_order, log_files
from autopack.store.attempts import attempts_of
from autopack.store.tables import PhaseRow


@dataclass(frozen=True)
class ChosenLog:
    """``failed`` are the ids of the tests that failed in it."""

    log: LogOf
    lines: Iterable[str]
    failed: tuple[str, ...]


def logs_of(found: FoundRun, phase: PhaseRow) -> tuple[LogOf, ...]:
    """Those that exist as files, and those of attempts, whose reports say what was printed."""
    files = {log for log in log_files(records_of(found.run)) if log.phase == phase.phase_id and log.stage == "check"}
    attempts = {LogOf(phase.phase_id, row.number, "check") for row in attempts_of(found.project.database, found.run_id, phase.phase_id)}
    return tuple(in_order(tuple(files | attempts), (phase.phase_id,)))


def chosen_log(found: FoundRun, phase: PhaseRow, attempt: int) -> ChosenLog:
    """No line where the attempt was not checked; an attempt that there is not has no line either."""
    log = LogOf(phase.phase_id, attempt, "check")
    path = log_files(records_of(found.run)).get(log)
    report = check_report_of(found.project.database, found.run_id, phase.phase_id, attempt)
    steps = report.steps if report else ()
    recorded = printed_lines(report) if report else ()
    failed = tuple(test for step in steps if step.results for test in step.results.red)
    return ChosenLog(log, lines_of_file(path) if path else recorded, failed)
