"""Unified diffs as models write them: read leniently where nothing is lost, refused where something may be."""

from autopack.edits.diff.read import read_diff, read_hunks, said_mode

__all__ = ["read_diff", "read_hunks", "said_mode"]
