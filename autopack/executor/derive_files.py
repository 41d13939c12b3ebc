"""Files that the project's own tools make from accepted edits, made in the work tree and kept as blobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.checks.derive import DeriveSite, derive
from autopack.checks.place import Place
from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.core.plan import DeriveStep, PhaseSpec
from autopack.core.text import Encoding, decode
from autopack.edits import AcceptedEdits
from autopack.executor.command_place import environment_for, place_for
from autopack.executor.ground import HeldTree
from autopack.executor.workbench import Workbench
from autopack.llm.journal_file import JournalFile
from autopack.store.phases import AttemptKey
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import store_blob
from autopack.worktree.candidate import Content
from autopack.worktree.path_gate import TreeEntries, judge_entries


def derive_files(bench: Workbench, phase: PhaseSpec, key: AttemptKey, base: BaseTree, accepted: AcceptedEdits) -> DerivedFiles:
    """What the phase's derive steps make of the edits: played from the journal in a replay that holds it, else made now."""
    played = bench.replay.derived(phase.id, key.number) if bench.replay else None
    if played is not None:
        return DerivedFiles(files=tuple(_stored(bench, file) for file in played))
    return _derived(bench, phase, key, Content(accepted, encodings_of(base, accepted)))


def encodings_of(base: BaseTree, accepted: AcceptedEdits) -> dict[str, Encoding]:
    """The encodings of the base files that the edits touch, by path; the bytes of a binary one pass through as Latin-1."""
    return {path: decoded.encoding if (decoded := decode(data)) else "latin-1" for path, data in base.read(accepted.before).items()}


def _derived(bench: Workbench, phase: PhaseSpec, key: AttemptKey, content: Content) -> DerivedFiles:
    work_tree = bench.work_tree
    work_tree.reset(key.parent)
    draft = work_tree.write(bench.tree(key.parent), content)
    work_tree.prepare_directories(phase.scope.paths)

    def place_of(step: DeriveStep) -> Place:
        environment = environment_for(bench, phase.id, env_from=step.env_from)
        return place_for(bench, f"{phase.id}-{key.number}-derive", environment, network=step.network)

    def written() -> dict[str, str]:
        files = work_tree.hash_files(work_tree.written_since(draft)).files
        return {file.path: f"{file.mode} {file.blob}" for file in files}

    @contextmanager
    def at_parent() -> Iterator[Path]:
        with HeldTree(bench, phase.scope.paths).at(key.parent) as root:
            yield root

    paths = derive(phase.derive, content.accepted.paths, DeriveSite(place_of, written, at_parent))
    judge_entries(paths, TreeEntries(bench.tree(key.parent).modes))
    return work_tree.hash_files(paths)


def _stored(bench: Workbench, file: JournalFile) -> DerivedFile:
    blob = store_blob(bench.repository, file.content or b"") if not file.deleted else None
    return DerivedFile(path=file.path, blob=blob, mode=file.mode)
