"""Finds the phases that a commit's history holds, by the trailers of their commits, without those reverted there."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from autopack.worktree.candidate import ASKED_TRAILER, ATTEMPT_TRAILER, PHASE_TRAILER, RUN_TRAILER
from autopack.worktree.git import as_text
from autopack.worktree.repository import Repository

COMMITS_LOOKED_AT: Final = 10_000

_LANDED: Final = re.compile(
    rf"^(?: {{4}})?{RUN_TRAILER}: (\S+)\n(?: {{4}})?{PHASE_TRAILER}: (\S+)"
    rf"(?:\n(?: {{4}})?{ATTEMPT_TRAILER}: \d+\n(?: {{4}})?{ASKED_TRAILER}: ([0-9a-f]+))?$",
    re.MULTILINE,
)
"""Several in a message where a branch was squashed into one commit; ``git merge --squash`` indents them."""

_REVERTED: Final = re.compile(r"^This reverts commit ([0-9a-f]{7,64})(?:, reversing\s+changes made to ([0-9a-f]{7,64}))?", re.MULTILINE)
_FULL: Final = (40, 64)


class LandedPhase(NamedTuple):
    """``asked`` is the digest of what the phase asked for; commits of older versions do not tell."""

    run: str
    phase: str
    asked: str | None
    commit: str


def landed_on(repository: Repository, base: str) -> tuple[LandedPhase, ...]:
    """Newest first, among the last ``COMMITS_LOOKED_AT`` commits."""
    found: list[LandedPhase] = []
    undone: set[str] = set()
    for commit, message in _telling(repository, base):
        if commit in undone:
            continue
        for reverted, down_to in _REVERTED.findall(message):
            undone.update(_reverted(repository, reverted, down_to))
        found += [LandedPhase(run, phase, asked or None, commit) for run, phase, asked in _LANDED.findall(message)]
    return tuple(found)


def _telling(repository: Repository, base: str) -> list[tuple[str, str]]:
    """The messages that name a phase, and the newer ones that name a revert."""
    telling: list[tuple[str, str]] = []
    last = 0
    for commit, message in _commits(repository, base):
        is_landed = f"{RUN_TRAILER}: " in message
        if is_landed or "This reverts commit " in message:
            telling.append((commit, message))
            last = len(telling) if is_landed else last
    return telling[:last]


def _commits(repository: Repository, base: str) -> Iterator[tuple[str, str]]:
    """Newest first. Git neither picks nor sorts them: it would read a whole long history for that."""
    words = ("log", "-z", f"--max-count={COMMITS_LOOKED_AT}", "--no-show-signature", "--format=%H%n%B", base, "--")
    outcome = repository.git.attempt(*words)
    for record in as_text(outcome.stdout).split("\0") if outcome.exit_code == 0 else ():
        commit, _, message = record.partition("\n")
        if commit:
            yield commit, message


def _reverted(repository: Repository, commit: str, down_to: str) -> tuple[str, ...]:
    """The commit; of a merge, everything that it had brought."""
    if len(commit) in _FULL and not down_to:
        return (commit,)
    wanted = ("rev-list", f"{down_to}..{commit}") if down_to else ("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    outcome = repository.git.attempt(*wanted, "--") if down_to else repository.git.attempt(*wanted)
    return tuple(as_text(outcome.stdout).split()) if outcome.exit_code == 0 else ()
