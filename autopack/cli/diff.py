"""``autopack diff``: what a run changed, or one of its phases, against what it started from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.text import Text

from autopack.cli.opened import opened
from autopack.cli.options import NewestRun, PhaseOfRun, Repo, system_clock
from autopack.cli.output import note
from autopack.cli.printable import flat
from autopack.cli.screen import stdout_screen
from autopack.cli.target import Target, choose
from autopack.core.errors import UsageError
from autopack.core.states import PhaseState
from autopack.executor.place import Place
from autopack.reporting.phase_story import newest_candidate
from autopack.store.tables import PhaseRow
from autopack.worktree.diff import diff as diff_of
from autopack.worktree.diff import numstat, write_patch

_LARGEST: Final = 5_000_000
_STYLES: Final = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


def diff(run_id: NewestRun = None, phase: PhaseOfRun = None, *, repo: Repo = Path()) -> None:
    """Print the change of a run's branch against its base, or of one phase against its parent."""
    with opened(repo, system_clock()) as place:
        target = choose(place, run_id, phase)
        old, new = _of_phase(place, target, target.phase) if target.phase else _of_run(place, target)
    old, new = place.repository.resolve(old), place.repository.resolve(new)
    if not numstat(place.repository, old, new):
        note(f"no difference between {old[:10]} and {new[:10]}.")
        return
    screen = stdout_screen()
    if screen.width is None:
        write_patch(place.repository, old, new, sys.stdout.buffer)
    else:
        screen.show(_coloured(diff_of(place.repository, old, new, max_bytes=_LARGEST)))


def _of_run(place: Place, target: Target) -> tuple[str, str]:
    """The base and the branch as it is now, a person's commits on it included; the last recorded head where the branch is gone."""
    run = target.run
    try:
        return run.base_commit, place.repository.resolve(f"refs/heads/{run.branch}")
    except UsageError:
        if run.head_commit != run.base_commit:
            note(f"the branch {run.branch} is gone; this is its last recorded commit, {run.head_commit[:10]}.")
        return run.base_commit, run.head_commit


def _of_phase(place: Place, target: Target, phase: PhaseRow) -> tuple[str, str]:
    """The landed commit and its parent, else the newest candidate and the commit that it was made on."""
    if phase.commit and phase.state in (PhaseState.COMPLETE, PhaseState.ROLLED_BACK):
        return place.repository.resolve(f"{phase.commit}^"), phase.commit
    made = newest_candidate(place.database, target.run_id, phase.phase_id)
    if made is None:
        raise UsageError(
            f"phase '{phase.phase_id}' is {phase.state}: it has made no change yet.",
            next_command=f"autopack show {target.run_id} {phase.phase_id}",
        )
    attempt, candidate = made
    what = f"the candidate of attempt {attempt}, {candidate.commit[:10]}"
    note(f"phase {phase.phase_id} is {phase.state}; this is {what}, which is on no branch.")
    return candidate.parent, candidate.commit


def _coloured(text: str) -> Iterator[Text]:
    for line in text.removesuffix("\n").split("\n"):
        style = next((style for start, style in _STYLES if line.startswith(start)), "")
        yield Text(flat(line.removesuffix("\r")), style=style)
