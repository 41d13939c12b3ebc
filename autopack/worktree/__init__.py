"""Does a run's git work, and applies replies to a directory."""

from autopack.worktree.apply import apply_diff_to, apply_reply_to

__all__ = ["apply_diff_to", "apply_reply_to"]
