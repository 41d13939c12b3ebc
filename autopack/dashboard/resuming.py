"""Goes on with a run that nobody works on, where ``serve --resume`` allows it: ``autopack resume`` as a process of its own."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from autopack.checks.processes.detached import Detached, start_detached
from autopack.core.errors import EnvironmentBlockedError
from autopack.executor.project_state import ProjectState, records_folder
from autopack.settings.own_files import open_own
from autopack.store.tables import RunRow

LOG: Final = "resume.log"
"""In the run's records: what the processes that the server started have printed."""


@dataclass(frozen=True)
class Resuming:
    """``environment`` is that which the server began with, without the keys that sign tokens. Caps are those that the run has."""

    environment: Mapping[str, str]

    def start(self, project: ProjectState, run: RunRow) -> None:
        """Raises EnvironmentBlockedError where the process or its log cannot be made."""
        top = project.repository.top
        path = records_folder(project.records, run.run_id) / LOG
        try:
            log = open_own(path, os.O_APPEND)
            try:
                words = (sys.executable, "-m", "autopack", "resume", run.run_id, "--repo", str(top))
                start_detached(Detached(words, top, self.environment, log))
            finally:
                os.close(log)
        except OSError as error:
            raise EnvironmentBlockedError(
                f"the verb is recorded, but the run could not be started again ({error.strerror}).",
                next_command=f"autopack resume {run.run_id}",
            ) from error
