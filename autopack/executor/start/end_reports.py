"""Reports what ended a start: an exception that reached the outermost frame, whoever's it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autopack.core.error_report import ErrorReport
from autopack.core.errors import StopRequested
from autopack.core.redaction import Redactor
from autopack.executor.project_state import ProjectState
from autopack.executor.start.run_end import Ending
from autopack.reporting.error_files import errors_folder, make_files, note_place
from autopack.reporting.error_report import Circumstances, report_of
from autopack.store.attempts import attempt_under_way
from autopack.store.errors import errors_of


@dataclass(frozen=True)
class EndReports:
    project: ProjectState
    run_id: str
    redactor: Redactor
    now: Callable[[], float]

    def describe(self, error: Exception, ending: Ending) -> ErrorReport | None:
        """The report to be stored with the end; None of a person's wish."""
        if isinstance(error, StopRequested):
            return None
        phase, attempt = attempt_under_way(self.project.database, self.run_id) or (None, None)
        circumstances = Circumstances(ending.reason or "defect", run_id=self.run_id, phase=phase, attempt=attempt)
        return report_of(error, circumstances, self.redactor, self.now())

    def write(self, error: Exception) -> None:
        """The files of the run's reports; the error is told where its own, the newest, lies."""
        newest = self.write_missing()
        if newest is not None and newest.is_file():
            note_place(error, newest)

    def write_missing(self) -> Path | None:
        """Makes the files of the run's reports, as far as they are not there; gives the newest one's path."""
        folder, reports = errors_folder(self.project.records, self.run_id), errors_of(self.project.database, self.run_id)
        make_files(folder, reports)
        return folder / f"{reports[-1].name}.json" if reports else None
