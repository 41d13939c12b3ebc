"""Finds which run and which phase a command means; fills in what was left out, and says so."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autopack.cli.output import note
from autopack.core.errors import UsageError
from autopack.core.names import nearest, slug
from autopack.executor.project_state import ProjectState
from autopack.executor.run_report import records_of
from autopack.store.phases import Phases
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
    return Target(run, _phase(project, run, second) if second is not None else None)


def choose_phase(project: ProjectState, first: str, second: str | None, verb: str) -> tuple[Target, str]:
    """As ``choose``, where a phase has to be named; raises UsageError where it is not."""
    target = choose(project, first, second)
    if target.phase is None:
        names = ", ".join(row.phase_id for row in phases_of(project, target.run_id))
        raise UsageError(f"which phase of '{target.run_id}'? It has {names}.", next_command=f"autopack {verb} {target.run_id} PHASE")
    return target, target.phase.phase_id


def _of_newest(project: ProjectState, word: str) -> Target:
    runs = project.runs.newest_first()
    phases = phases_of(project, runs[0].run_id) if runs else ()
    row = next((row for row in phases if row.phase_id == word), None)
    if row is None:
        raise _neither(project, word, runs, phases)
    note(f"newest run: {runs[0].run_id}")
    return Target(runs[0], row)


def _neither(project: ProjectState, word: str, runs: Sequence[RunRow], phases: Sequence[PhaseRow]) -> UsageError:
    near = nearest(word, [*(row.run_id for row in runs), *(row.phase_id for row in phases)])
    hint = f" Did you mean '{near}'?" if near else ""
    newest = f", and the newest one, '{runs[0].run_id}', has no phase of that name" if runs else ""
    return UsageError(f"there is no run '{word}' in {project.repository.top}{newest}.{hint}", next_command="autopack runs")


def _phase(project: ProjectState, run: RunRow, phase_id: str) -> PhaseRow:
    rows = phases_of(project, run.run_id)
    row = next((row for row in rows if row.phase_id == phase_id), None)
    if row is None:
        near = nearest(phase_id, [row.phase_id for row in rows])
        hint = f" Did you mean '{near}'?" if near else ""
        raise UsageError(f"run '{run.run_id}' has no phase '{phase_id}'.{hint}", next_command=f"autopack status {run.run_id}")
    return row


def phases_of(project: ProjectState, run_id: str) -> tuple[PhaseRow, ...]:
    """The phases of a run in the plan's order."""
    return Phases(project.database, project.events, run_id, time.time).all()
