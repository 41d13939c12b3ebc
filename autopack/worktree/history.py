"""The commits of a branch, a line each."""

from autopack.worktree.repository import Repository


def commits_between(repository: Repository, base: str, ref: str) -> tuple[str, ...]:
    """``<short id> <subject>`` of every commit after ``base``, oldest first."""
    output = repository.git.line("log", "--reverse", "--no-show-signature", "--format=%h %s", f"{base}..{ref}", "--")
    return tuple(output.split("\n")) if output else ()
