"""Opens where runs are kept: one repository, its state database, its locks and its records."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from autopack.core.clock import Clock
from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, UnknownNameError, UsageError
from autopack.core.events import Event
from autopack.core.names import nearest
from autopack.core.plan import Plan
from autopack.core.status import RunStatus
from autopack.executor.lock import is_alive
from autopack.planning.plan_file import PlanSource, load_plan
from autopack.settings.effective import Effective, load_settings
from autopack.settings.environment import inherited_environment, process_environment
from autopack.settings.key_variables import key_variables
from autopack.settings.own_files import RECORDS, hide_from_git, judge_way, make_own_folder
from autopack.settings.paths import database_path
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.phase_rows import phases_of
from autopack.store.queries import run_status
from autopack.store.runs import Runs
from autopack.store.tables import PhaseRow, RunRow
from autopack.worktree.repository import Repository

PLAN_CHECK: Final = "plan-check"
"""This folder keeps the output of the plan's commands from the last ``plan check --run-checks``, which makes no run."""

ARCHIVED: Final = "archived_runs"
"""This folder keeps the records of runs that ``gc --archive`` packed; no run can be called so."""


@dataclass(frozen=True)
class ProjectState:
    """One repository as every command sees it."""

    repository: Repository
    environment: Mapping[str, str]
    database: Database
    events: EventLog
    runs: Runs

    @property
    def locks(self) -> Path:
        return self.repository.common_dir / "autopack" / "locks"

    @property
    def records(self) -> Path:
        return self.repository.top / RECORDS

    @cached_property
    def effective(self) -> Effective:
        """The configuration as this process found it; raises InvalidInputError with every fault of it."""
        return load_settings(self.repository.top, self.environment)

    @property
    def key_variables(self) -> frozenset[str]:
        """Names that no plan may hand to a command."""
        return key_variables(self.effective.settings)

    def status(self, run_id: str) -> RunStatus:
        """The run as it is right now; raises UsageError for an unknown id."""
        found = run_status(self.database, run_id, is_alive=is_alive(self.locks, run_id))
        if found is None:
            raise self.unknown(run_id)
        return found

    def run(self, run_id: str | None) -> RunRow:
        """The run of that id, or the newest one; raises UsageError where there is none."""
        if run_id is not None:
            row = self.runs.find(run_id)
            if row is None:
                raise self.unknown(run_id)
            return row
        rows = self.runs.newest_first()
        if not rows:
            raise UsageError(f"there is no run in {self.repository.top} yet.", next_command="autopack run")
        return rows[0]

    def phase(self, run_id: str, phase_id: str) -> PhaseRow:
        """Raises UnknownNameError, with the nearest name, for a phase that the run does not have."""
        rows = {row.phase_id: row for row in phases_of(self.database, run_id)}
        if phase_id not in rows:
            near = nearest(phase_id, list(rows))
            raise UnknownNameError(f"run '{run_id}' has no phase '{phase_id}'.", near, next_command=f"autopack status {run_id}")
        return rows[phase_id]

    def unknown(self, run_id: str) -> UnknownNameError:
        near = nearest(run_id, [row.run_id for row in self.runs.newest_first()])
        return UnknownNameError(f"there is no run '{run_id}' in {self.repository.top}.", near, next_command="autopack runs")


def _may_exist(state: Path) -> bool:
    """True also where nobody can tell: opening the file then says why."""
    try:
        return state.exists()
    except OSError:
        return True


def open_project(
    repo: Path, clock: Clock, observe: Callable[[Event], None] | None = None, *, is_dry: bool = False, makes: bool = True
) -> ProjectState:
    """Raises EnvironmentBlockedError where the folder is no usable repository or its state cannot be opened.

    ``is_dry`` looks at a copy of the state, and nothing is made or changed. ``makes``: a state that is not there yet is made; whoever
    only looks finds an empty one.
    """
    environment = process_environment()
    repository = Repository.discover(repo, inherited_environment())
    state = database_path(repository.common_dir, environment)
    database = Database.copy_of(state) if is_dry or not (makes or _may_exist(state)) else Database.open(state)
    return _state(repository, environment, database, clock, observe)


def state_of(repository: Repository, environment: Mapping[str, str], clock: Clock, *, only_looks: bool = False) -> ProjectState:
    """As ``open_project``, for whoever knows the repository already and asks again and again.

    ``only_looks``: nothing is made or changed, and a state of an older version is looked at in a copy that is brought up to date.
    """
    state = database_path(repository.common_dir, environment)
    return _state(repository, environment, Database.look_at(state) if only_looks else Database.open(state), clock)


def _state(
    repository: Repository,
    environment: Mapping[str, str],
    database: Database,
    clock: Clock,
    observe: Callable[[Event], None] | None = None,
) -> ProjectState:
    events = EventLog(database, observe)
    return ProjectState(repository, environment, database, events, Runs(database, events, clock.now))


def pinned_plan(project: ProjectState, row: RunRow) -> Plan:
    pinned = project.runs.plan(row.run_id)
    return load_plan(PlanSource.pinned(row.plan_path, pinned.text, pinned.given_json), default_project=row.project)


def plan_if_known(project: ProjectState, row: RunRow) -> Plan | None:
    """As ``pinned_plan``; None where another version's rules no longer take the plan."""
    try:
        return pinned_plan(project, row)
    except InvalidInputError:
        return None


def judge_records(records: Path, run_id: str) -> None:
    """Refuses a repository in which a link stands where records are to be; raises EnvironmentBlockedError."""
    for path in (records / ".gitignore", records / run_id / "ci", records / run_id / "errors"):
        judge_way(path)


def records_folder(records: Path, run_id: str) -> Path:
    """Makes the folder, with a ``.gitignore`` of its own above it."""
    folder = records / run_id
    try:
        os.close(make_own_folder(folder))
        hide_from_git(records)
    except OSError as error:
        raise EnvironmentBlockedError(f"{folder}: the run's records cannot be written: {error.strerror}.") from error
    return folder
