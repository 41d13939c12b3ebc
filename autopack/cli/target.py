"""Finds which run and which phase a command means; fills in what was left out, and says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autopack.cli.output import note
from autopack.core.errors import UnknownNameError, UsageError
from autopack.core.names import nearest, slug
from autopack.executor.project_state import ProjectState
from autopack.executor.run_report import records_of
from autopack.store.phase_rows import phases_of
from autopack.store.tables import PhaseRow, RunRow


@dataclass(frozen=True)
class Target:
    """A run, and one of its phases where one was named."""

    run: RunRow
    phase: PhaseRow | None = None

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def phase_id(self) -> str | None:
        return self.phase.phase_id if self.phase else None

    @property
    def records(self) -> Path:
        """The folder of the run's records: below the checkout that it was started from."""
        return records_of(self.run)


def choose_run(project: ProjectState, run_id: str | None) -> RunRow:
    """The run of that id, or the newest, which is then named on stderr; raises UsageError where there is none."""
    row = project.run(run_id)
    if run_id is None:
        note(f"newest run: {row.run_id}")
    return row


def project_of(place: ProjectState, named: str | None) -> str:
    """The project that is meant; which one is said on stderr where nobody named it."""
    if named is not None:
        return named
    rows = place.runs.newest_first()
    name = rows[0].project if rows else slug(place.repository.top.name)
    note(f"project: {name}")
    return name


def choose(project: ProjectState, first: str | None, second: str | None) -> Target:
    """Reads ``[ID] [PHASE]``. Takes a single word that is no run for a phase of the newest run, if it has one of that name."""
    if first is not None and second is None and project.runs.find(first) is None:
        return _of_newest(project, first)
    run = choose_run(project, first)
    return Target(run, project.phase(run.run_id, second) if second is not None else None)


def choose_phase(project: ProjectState, first: str, second: str | None, verb: str) -> tuple[Target, PhaseRow]:
    """As ``choose``, where a phase has to be named; raises UsageError where it is not."""
    target = choose(project, first, second)
    if target.phase is None:
        names = ", ".join(row.phase_id for row in phases_of(project.database, target.run_id))
        raise UsageError(f"which phase of '{target.run_id}'? It has {names}.", next_command=f"autopack {verb} {target.run_id} PHASE")
    return target, target.phase


def _of_newest(project: ProjectState, word: str) -> Target:
    runs = project.runs.newest_first()
    phases = phases_of(project.database, runs[0].run_id) if runs else ()
    row = next((row for row in phases if row.phase_id == word), None)
    if row is None:
        raise _neither(project, word, runs, phases)
    note(f"newest run: {runs[0].run_id}")
    return Target(runs[0], row)


def _neither(project: ProjectState, word: str, runs: Sequence[RunRow], phases: Sequence[PhaseRow]) -> UnknownNameError:
    near = nearest(word, [*(row.run_id for row in runs), *(row.phase_id for row in phases)])
    newest = f", and the newest one, '{runs[0].run_id}', has no phase of that name" if runs else ""
    return UnknownNameError(f"there is no run '{word}' in {project.repository.top}{newest}.", near, next_command="autopack runs")
