"""Finds the phases of a run that a commit's history holds, by the trailers of their commits, without those reverted there."""

import re
from collections.abc import Iterator
from typing import Final

from autopack.worktree.candidate import PHASE_TRAILER, RUN_TRAILER
from autopack.worktree.git import as_text
from autopack.worktree.repository import Repository

_LANDED: Final = re.compile(rf"^(?: {{4}})?{RUN_TRAILER}: (\S+)\n(?: {{4}})?{PHASE_TRAILER}: (\S+)$", re.MULTILINE)
"""Several in a message where a branch was squashed into one commit; ``git merge --squash`` indents them."""

_REVERTED: Final = re.compile(r"^This reverts commit ([0-9a-f]{7,64})(?:, reversing\s+changes made to ([0-9a-f]{7,64}))?", re.MULTILINE)


def landed_on(repository: Repository, base: str, run: str, began_at: str) -> dict[str, str]:
    """Phase of the run -> the newest commit that ``base`` holds of it. ``began_at`` is the commit that the run started from."""
    found: dict[str, str] = {}
    undone: set[str] = set()
    for commit, message in _commits(repository, base, began_at):
        if commit in undone:
            continue
        for reverted, down_to in _REVERTED.findall(message):
            undone.update(_reverted(repository, reverted, down_to))
        for of_run, phase in _LANDED.findall(message):
            if of_run == run:
                found.setdefault(phase, commit)
    return found


def _commits(repository: Repository, base: str, began_at: str) -> Iterator[tuple[str, str]]:
    """The messages that name a phase or a revert, newest first; none where the run's first commit is no longer known."""
    wanted = ("--extended-regexp", f"--grep=^( {{4}})?{RUN_TRAILER}: ", "--grep=^This reverts commit ")
    words = ("log", "-z", "--topo-order", "--no-show-signature", "--format=%H%n%B", *wanted, base, f"^{began_at}", "--")
    outcome = repository.git.attempt(*words)
    for record in as_text(outcome.stdout).split("\0") if outcome.exit_code == 0 else ():
        commit, _, message = record.partition("\n")
        if commit:
            yield commit, message


def _reverted(repository: Repository, commit: str, down_to: str) -> tuple[str, ...]:
    """The commit; of a merge, everything that it had brought."""
    wanted = ("rev-list", f"{down_to}..{commit}") if down_to else ("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    outcome = repository.git.attempt(*wanted, "--") if down_to else repository.git.attempt(*wanted)
    return tuple(as_text(outcome.stdout).split()) if outcome.exit_code == 0 else ()
