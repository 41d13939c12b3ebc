"""Records for people: ``<repo>/.autonomous_runs/<run-id>``, which git never sees."""

import os
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.settings.own_files import hide_from_git, judge_way, make_own_folder


def judge_records(records: Path, run_id: str) -> None:
    """Refuses a repository in which a link stands where records are to be; raises EnvironmentBlockedError."""
    for path in (records / ".gitignore", records / run_id / "ci", records / run_id / "errors"):
        judge_way(path)


PLAN_CHECK: Final = "plan-check"
"""The folder that keeps what the plan's commands said when ``plan check --run-checks`` tried them last, without a run."""


def records_folder(records: Path, run_id: str) -> Path:
    """Makes the folder, with a ``.gitignore`` of its own above it."""
    folder = records / run_id
    try:
        os.close(make_own_folder(folder))
        hide_from_git(records)
    except OSError as error:
        raise EnvironmentBlockedError(f"{folder}: the run's records cannot be written: {error.strerror}.") from error
    return folder
