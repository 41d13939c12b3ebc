"""``autopack diff`` prints what a run or one of its phases changed, against what it started from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import NewestRun, PhaseOfRun, Repo, system_clock
from autopack.cli.output import note
from autopack.cli.printable import flat
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.screens.stat_lines import shown_path, stat_lines
from autopack.cli.target import Target, choose
from autopack.core.errors import UsageError
from autopack.core.states import PhaseState
from autopack.executor.project_state import ProjectState
from autopack.reporting.attempt_story import candidate_of, newest_candidate
from autopack.store.queries import attempts_of
from autopack.store.tables import PhaseRow
from autopack.worktree.diff import diff as diff_of
from autopack.worktree.diff import numstat, write_patch

_LARGEST: Final = 5_000_000
_STYLES: Final = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


Attempt = Annotated[
    int | None, typer.Option("--attempt", metavar="N", min=1, help="What this attempt of the phase had made, landed or not.")
]
Stat = Annotated[bool, typer.Option("--stat", help="Only how many lines of each file.")]
NameOnly = Annotated[bool, typer.Option("--name-only", help="Only the files' names.")]


def diff(
    run_id: NewestRun = None,
    phase: PhaseOfRun = None,
    *,
    attempt: Attempt = None,
    stat: Stat = False,
    name_only: NameOnly = False,
    repo: Repo = Path(),
) -> None:
    """Print the change of a run's branch against its base, or of one phase against its parent."""
    if stat and name_only:
        raise UsageError("choose one of --stat and --name-only.")
    with opened(repo, system_clock()) as project:
        target = choose(project, run_id, phase)
        if attempt is not None:
            old, new = _of_attempt(project, target, attempt)
        else:
            old, new = _of_phase(project, target, target.phase) if target.phase else _of_run(project, target)
    old, new = project.repository.resolve(old), project.repository.resolve(new)
    changes = numstat(project.repository, old, new)
    screen = stdout_screen()
    if not changes:
        note(f"no difference between {old[:10]} and {new[:10]}.")
    elif stat or name_only:
        screen.show(stat_lines(changes) if stat else (shown_path(change.path) for change in changes))
    elif screen.width is None:
        write_patch(project.repository, old, new, sys.stdout.buffer)
    else:
        screen.show(_coloured(diff_of(project.repository, old, new, max_bytes=_LARGEST)))


def _of_run(project: ProjectState, target: Target) -> tuple[str, str]:
    """The base and the branch as it is now, a person's commits on it included; the last recorded head where the branch is gone."""
    run = target.run
    try:
        return run.base_commit, project.repository.resolve(f"refs/heads/{run.branch}")
    except UsageError:
        if run.head_commit != run.base_commit:
            note(f"the branch {run.branch} is gone; this is its last recorded commit, {run.head_commit[:10]}.")
        return run.base_commit, run.head_commit


def _of_phase(project: ProjectState, target: Target, phase: PhaseRow) -> tuple[str, str]:
    """The landed commit and its parent, else the newest candidate and the commit that it was made on."""
    if phase.commit and phase.state in (PhaseState.COMPLETE, PhaseState.ROLLED_BACK):
        return project.repository.resolve(f"{phase.commit}^"), phase.commit
    made = newest_candidate(project.database, target.run_id, phase.phase_id)
    if made is None:
        raise UsageError(
            f"phase '{phase.phase_id}' is {phase.state}: it has made no change yet.",
            next_command=f"autopack show {target.run_id} {phase.phase_id}",
        )
    attempt, candidate = made
    what = f"the candidate of attempt {attempt}, {candidate.commit[:10]}"
    note(f"phase {phase.phase_id} is {phase.state}; this is {what}, which is on no branch.")
    return candidate.parent, candidate.commit


def _of_attempt(project: ProjectState, target: Target, number: int) -> tuple[str, str]:
    """The commit that the attempt started from, and the candidate that its reply made."""
    if target.phase is None:
        raise UsageError("--attempt goes with a phase: name one.", next_command=f"autopack status {target.run_id}")
    phase = target.phase.phase_id
    found = next((row for row in attempts_of(project.database, target.run_id, phase) if row.number == number), None)
    if found is None:
        raise UsageError(f"phase '{phase}' has no attempt {number}.", next_command=f"autopack show {target.run_id} {phase}")
    candidate = candidate_of(project.database, target.run_id, phase, number)
    if candidate is None:
        why = f": {found.message}" if found.message else "."
        asked = f"autopack logs {target.run_id} {phase} --model"
        raise UsageError(f"attempt {number} of phase '{phase}' made no change{why}", next_command=asked)
    note(f"attempt {number} of {phase} ({found.outcome or 'open'}), {candidate.commit[:10]}.")
    return candidate.parent, candidate.commit


def _coloured(text: str) -> Iterator[Text]:
    for line in text.removesuffix("\n").split("\n"):
        style = next((style for start, style in _STYLES if line.startswith(start)), "")
        yield Text(flat(line.removesuffix("\r")), style=style)
