"""Finds the lock files that are a run's own; Autopack removes no others."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORK_TREE_PREFIX = "autopack+"  # no run id holds a "+", so one run's work trees are never taken for another's


@dataclass(frozen=True)
class OwnLocks:
    """Lock files below ``worktrees/<ours>/``, of the run's branch, and below ``refs/autopack/<run>/``."""

    common_dir: Path
    run: str
    branch: str

    def owns(self, lock: Path) -> bool:
        if lock.suffix != ".lock" or ".." in lock.parts or not lock.is_relative_to(self.common_dir):
            return False
        inside = lock.relative_to(self.common_dir)
        if inside == Path(f"refs/heads/{self.branch}.lock") or inside.is_relative_to(f"refs/autopack/{self.run}"):
            return True
        first, name = (*inside.parts, "", "")[:2]
        return first == "worktrees" and name.startswith(f"{WORK_TREE_PREFIX}{self.run}+")

    def clear(self) -> None:
        """Removes the lock files of a dead owner. The caller holds the run's lock and the repository's."""
        for lock in self._candidates():
            if lock.is_file() and self.owns(lock):
                lock.unlink(missing_ok=True)

    def _candidates(self) -> Iterator[Path]:
        yield self.common_dir / f"refs/heads/{self.branch}.lock"
        yield from (self.common_dir / "refs/autopack" / self.run).rglob("*.lock")
        for admin in (self.common_dir / "worktrees").glob(f"{WORK_TREE_PREFIX}{self.run}+*"):
            yield from admin.rglob("*.lock")
