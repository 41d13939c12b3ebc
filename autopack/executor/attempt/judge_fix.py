"""Judges what the commands of a fix left in the work tree, like an edit: scope, path gate, size, secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.scope import Scope
from autopack.core.text import decode
from autopack.edits import EditRefused
from autopack.edits.guards import judge_size
from autopack.edits.paths import judge_path
from autopack.executor.attempt.judge_files import judge_derived
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.path_gate import DiskEntries, TreeEntries, judge_entries
from autopack.worktree.written import shown


@dataclass(frozen=True)
class Found:
    """``undone``: paths that are put back, each with its reason."""

    kept: tuple[str, ...]
    undone: tuple[str, ...]


def inside(phase: PhaseSpec, start: BaseTree, root: Path, written: Sequence[str]) -> Found:
    """Which of the written paths are the phase's, and are plain files before and after."""
    scope, tree = Scope(phase.scope.paths, phase.scope.read_only_context), TreeEntries(start.modes)
    disk = DiskEntries(root)
    kept, undone = [], []
    for path, name in zip(written, shown(written), strict=True):
        try:
            judge_path(path, scope)
            for entries in (tree, disk):
                judge_entries([path], entries)
        except EditRefused as refused:
            undone.append(f"{name} ({refused.message})")
        else:
            kept.append(path)
    return Found(tuple(kept), tuple(undone))


def settled(phase: PhaseSpec, base: BaseTree, redactor: Redactor, earlier: DerivedFiles, made: DerivedFiles) -> DerivedFiles:
    """All fixes of the phase, as changes to ``base``, the attempt's parent. Raises AttemptFailed for what no edit may do either."""
    files = {file.path: file for file in (*earlier.files, *made.files)}
    try:
        judge_derived(made, base, redactor)
        _judge_sizes(phase, base, files)
    except EditRefused as refused:
        raise AttemptFailed(FailureKind.FIX_REFUSED, f"What the commands left is not taken: {refused}") from refused
    return DerivedFiles(files=tuple(files.values()))


def _judge_sizes(phase: PhaseSpec, base: BaseTree, files: dict[str, DerivedFile]) -> None:
    """What was moved is not deleted."""
    blobs = base.blobs(file.blob for file in files.values() if file.blob is not None)
    before = base.read(files)
    arrived = {file.blob for file in files.values() if file.path not in before}
    for path, file in files.items():
        if path not in before or (file.blob is None and base.entries[path].oid in arrived):
            continue
        old, new = decode(before[path]), decode(blobs[file.blob]) if file.blob is not None else None
        judge_size(
            path,
            old.text if old else "",
            (new.text if new else "") if file.blob is not None else None,
            allow_mass_deletion=phase.allow_mass_deletion,
            allow_mass_addition=phase.allow_mass_addition,
        )
