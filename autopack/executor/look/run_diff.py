"""Finds which two commits tell what a run, a phase or an attempt changed, and shows the difference."""

from dataclasses import dataclass
from typing import Final

from autopack.core.errors import UnknownNameError, UsageError
from autopack.core.model import Frozen
from autopack.core.states import PhaseState
from autopack.executor.project_state import ProjectState
from autopack.executor.start.run_inputs import redactor_of_run
from autopack.reporting.attempt_story import candidate_of, newest_candidate
from autopack.store.attempts import attempts_of
from autopack.store.tables import PhaseRow, RunRow
from autopack.worktree.diff import diff, numstat

_LARGEST: Final = 2_000_000


@dataclass(frozen=True)
class Span:
    """From one commit to another. ``note`` says what the newer one is, where it is on no branch or the branch is gone."""

    old: str
    new: str
    note: str | None = None


class FileShown(Frozen):
    """Lines added and deleted; both None where the file is binary. ``old_path`` differs where it was renamed."""

    path: str
    old_path: str
    added: int | None
    deleted: int | None


class DiffShown(Frozen):
    """``diff`` is a unified diff without secrets; where it is cut, its last line says so."""

    run_id: str
    phase: str | None
    attempt: int | None
    old: str
    new: str
    note: str | None
    files: tuple[FileShown, ...]
    diff: str


def span_of(project: ProjectState, run: RunRow, phase: PhaseRow | None, attempt: int | None = None) -> Span:
    """Raises UsageError where there is no change to show, UnknownNameError for an attempt that the phase does not have."""
    if attempt is not None:
        found = _of_attempt(project, run, phase, attempt)
    else:
        found = _of_phase(project, run, phase) if phase else _of_run(project, run)
    return Span(project.repository.resolve(found.old), project.repository.resolve(found.new), found.note)


def diff_shown(project: ProjectState, run: RunRow, phase: PhaseRow | None, attempt: int | None = None) -> DiffShown:
    """Raises as ``span_of``."""
    span, redact = span_of(project, run, phase, attempt), redactor_of_run(project, run).redact
    changes = numstat(project.repository, span.old, span.new)
    files = (FileShown(path=one.path, old_path=one.old_path, added=one.added, deleted=one.deleted) for one in changes)
    return DiffShown(
        run_id=run.run_id,
        phase=phase.phase_id if phase else None,
        attempt=attempt,
        old=span.old,
        new=span.new,
        note=span.note,
        files=tuple(files),
        diff=redact(diff(project.repository, span.old, span.new, max_bytes=_LARGEST)),
    )


def _of_run(project: ProjectState, run: RunRow) -> Span:
    """The base and the branch as it is now, a person's commits on it included; the last recorded head where the branch is gone."""
    try:
        return Span(run.base_commit, project.repository.resolve(f"refs/heads/{run.branch}"))
    except UsageError:
        note = f"the branch {run.branch} is gone; this is its last recorded commit, {run.head_commit[:10]}."
        return Span(run.base_commit, run.head_commit, note if run.head_commit != run.base_commit else None)


def _of_phase(project: ProjectState, run: RunRow, phase: PhaseRow) -> Span:
    """The landed commit and its parent, else the newest candidate and the commit that it was made on."""
    if phase.commit and phase.state in (PhaseState.COMPLETE, PhaseState.ROLLED_BACK):
        return Span(project.repository.resolve(f"{phase.commit}^"), phase.commit)
    made = newest_candidate(project.database, run.run_id, phase.phase_id)
    if made is None:
        raise UsageError(
            f"phase '{phase.phase_id}' is {phase.state}: it has made no change yet.",
            next_command=f"autopack show {run.run_id} {phase.phase_id}",
        )
    attempt, candidate = made
    what = f"the candidate of attempt {attempt}, {candidate.commit[:10]}"
    return Span(candidate.parent, candidate.commit, f"phase {phase.phase_id} is {phase.state}; this is {what}, which is on no branch.")


def _of_attempt(project: ProjectState, run: RunRow, phase: PhaseRow | None, number: int) -> Span:
    """The commit that the attempt started from, and the candidate that its reply made."""
    if phase is None:
        raise UsageError("--attempt goes with a phase: name one.", next_command=f"autopack status {run.run_id}")
    name, where = phase.phase_id, f"{run.run_id} {phase.phase_id}"
    found = next((row for row in attempts_of(project.database, run.run_id, name) if row.number == number), None)
    if found is None:
        raise UnknownNameError(f"phase '{name}' has no attempt {number}.", None, next_command=f"autopack show {where}")
    candidate = candidate_of(project.database, run.run_id, name, number)
    if candidate is None:
        why = f": {found.message}" if found.message else "."
        raise UsageError(f"attempt {number} of phase '{name}' made no change{why}", next_command=f"autopack logs {where} --model")
    return Span(candidate.parent, candidate.commit, f"attempt {number} of {name} ({found.outcome or 'open'}), {candidate.commit[:10]}.")
