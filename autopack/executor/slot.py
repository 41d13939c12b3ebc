"""A slot works on one phase at a time. It has a work tree, and beside it HOME and the scratch folder of its commands, in one sandbox."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.checks.sandbox.sandbox import Sandbox
from autopack.worktree.work_tree import WorkTree

_SCRATCH: Final = ".out"


@dataclass(frozen=True)
class SlotFolders:
    """Below ``root``, which is the run's own and lies outside of every repository. ``number`` counts from 1."""

    root: Path
    number: int = 1

    @property
    def work_tree(self) -> Path:
        return self.root / str(self.number)

    @property
    def home(self) -> Path:
        """HOME of the slot's commands; what they leave there stays as long as the work tree."""
        return self.root / f"{self.number}.home"

    @property
    def scratch(self) -> Path:
        """Where its commands write beside the tree; nothing in it outlives the start that ran them."""
        return self.root / f"{self.number}{_SCRATCH}"


@dataclass(frozen=True)
class Slot:
    folders: SlotFolders
    work_tree: WorkTree
    sandbox: Sandbox

    @property
    def home(self) -> Path:
        return self.folders.home

    @property
    def scratch(self) -> Path:
        return self.folders.scratch

    @property
    def writable(self) -> tuple[Path, ...]:
        """All that its commands may write, the work tree first."""
        return self.work_tree.place, self.scratch, self.home

    def prefix(self, *, network: bool) -> tuple[str, ...]:
        """The words before a command's own, for the sandbox."""
        return self.sandbox.prefix(*self.writable, network=network)


def scratch_folders(root: Path) -> Iterator[Path]:
    """The scratch folders of all slots that a run has had."""
    yield from sorted(root.glob(f"*{_SCRATCH}"))
