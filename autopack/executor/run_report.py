"""Makes the report of a run, from its state and its repository, and leaves it beside the run's records at every end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from autopack.core.errors import UserError
from autopack.core.machine import twice
from autopack.core.plan import Plan
from autopack.core.redaction import Redactor
from autopack.core.status import RunStatus
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.reporting.log_files import log_files
from autopack.reporting.report.files import write_report
from autopack.reporting.report.gather import Asked, gather_phases, gather_report
from autopack.reporting.report.model import PhaseReport, RunReport
from autopack.settings.own_files import RECORDS
from autopack.store.tables import RunRow
from autopack.worktree.diff import diff
from autopack.worktree.git import GitError

_DIFF_BYTES: Final = 60_000


@dataclass(frozen=True)
class KnownRun:
    """A run's row, with what was read of it already; ``plan`` is None where this version does not read it."""

    row: RunRow
    status: RunStatus
    plan: Plan | None


def report_of(project: ProjectState, row: RunRow, redactor: Redactor, now: float) -> RunReport:
    known = KnownRun(row, project.status(row.run_id), plan_if_known(project, row))
    return gather_report(project.database, _asked(project, known, redactor, now))


def phase_reports_of(
    project: ProjectState, known: KnownRun, phase_ids: Sequence[str], redactor: Redactor, now: float
) -> tuple[PhaseReport, ...]:
    """The report's parts about these phases of the run."""
    return gather_phases(project.database, _asked(project, known, redactor, now), phase_ids)


def _asked(project: ProjectState, known: KnownRun, redactor: Redactor, now: float) -> Asked:
    def shown_diff(old: str, new: str) -> str:
        try:
            return redactor.redact(diff(project.repository, old, new, max_bytes=_DIFF_BYTES))
        except GitError:  # the commits of a run that git has cleared away
            return ""

    specs = {phase.id: phase for phase in known.plan.phases} if known.plan else {}
    logs: dict[str, dict[int | None, str]] = {}
    for log, path in log_files(records_of(known.row)).items():
        if log.phase is not None and log.stage == "check":
            logs.setdefault(log.phase, {})[log.attempt] = str(path)
    return Asked(known.row, known.status, specs, logs, shown_diff, now)


def records_of(row: RunRow) -> Path:
    """Below the checkout that the run was started from."""
    return Path(row.repo) / RECORDS / row.run_id


def leave_report(project: ProjectState, known: KnownRun, redactor: Redactor, now: float, say: Callable[[str], None]) -> None:
    """A report that cannot be written changes nothing about the run's end: it is said, and `autopack report` can make it later."""
    try:
        report = gather_report(project.database, _asked(project, known, redactor, now))
        twice(partial(write_report, report, records_of(known.row)), OSError)
    except (OSError, UserError, GitError, ValueError, LookupError) as error:
        said = error.message if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        say(f"The run's report could not be written ({redactor.redact(said)}); `autopack report {known.row.run_id}` makes it again.")
