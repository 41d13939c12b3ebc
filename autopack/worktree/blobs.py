"""Bytes into git's object store, as they are."""

from autopack.worktree.git import as_text
from autopack.worktree.repository import Repository


def store_blob(repository: Repository, data: bytes) -> str:
    """The id under which git now keeps the bytes."""
    return as_text(repository.git.run("hash-object", "-w", "--stdin", stdin=data)).strip()
