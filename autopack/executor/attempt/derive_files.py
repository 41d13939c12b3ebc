"""Runs the project's own tools on accepted edits in the work tree, and keeps the files that they make as blobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.derive import DeriveSite, derive
from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import DeriveStep, PhaseSpec
from autopack.core.text import Encoding, decode
from autopack.edits import AcceptedEdits
from autopack.executor.commands.check_site import CheckedTree
from autopack.executor.commands.command_site import command_context_for, environment_for
from autopack.executor.commands.set_up import set_up
from autopack.executor.run_context import WorkSite
from autopack.executor.slot import Slot
from autopack.llm.calls.journal_file import JournalFile, ReplayJournal
from autopack.store.attempts import AttemptKey
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import store_blob
from autopack.worktree.candidate import Content
from autopack.worktree.path_gate import TreeEntries, judge_entries
from autopack.worktree.repository import Repository
from autopack.worktree.written import shown


def derive_files(site: WorkSite, replay: ReplayJournal | None, phase: PhaseSpec, key: AttemptKey, content: Content) -> DerivedFiles:
    """The files that the phase's derive steps make from the edits. A replay takes them from the journal where it holds them."""
    played = replay.derived(phase.id, key.number) if replay else None
    return stored_files(site.repository, site.slot, played) if played is not None else _derived(site, phase, key, content)


def encodings_of(base: BaseTree, accepted: AcceptedEdits) -> dict[str, Encoding]:
    """The encodings of the base files that the edits touch, by path; the bytes of a binary one pass through as Latin-1."""
    return {path: decoded.encoding if (decoded := decode(data)) else "latin-1" for path, data in base.read(accepted.before).items()}


def _derived(site: WorkSite, phase: PhaseSpec, key: AttemptKey, content: Content) -> DerivedFiles:
    set_up(site, key.parent, is_candidate=False)
    draft = _Draft(site, phase, key, content)

    def context_of(step: DeriveStep) -> CommandContext:
        environment = environment_for(site, phase.id, env_from=step.env_from)
        return command_context_for(site, f"{phase.id}-{key.number}-derive", environment, network=step.network)

    @contextmanager
    def at_parent() -> Iterator[Path]:
        with CheckedTree(site, phase.scope.paths).at(key.parent) as root:
            yield root

    changed = tuple(sorted({*content.accepted.paths, *content.fixed.paths}))
    paths = derive(phase.derive, changed, DeriveSite(context_of, draft.written, at_parent, draft.begin))
    judge_entries(paths, TreeEntries(site.tree(key.parent).modes))
    return DerivedFiles(files=tuple(draft.made[path] for path in paths))


class _Draft:
    """The accepted edits in the work tree, and what the steps so far made of them."""

    def __init__(self, site: WorkSite, phase: PhaseSpec, key: AttemptKey, content: Content) -> None:
        self.made: dict[str, DerivedFile] = {}
        self._site = site
        self._phase = phase
        self._base = site.tree(key.parent)
        self._content = content

    def begin(self) -> None:
        made = DerivedFiles(files=tuple(self.made.values()))
        self._site.slot.work_tree.write(self._base, replace(self._content, derived=made))
        self._site.slot.work_tree.prepare_directories(self._phase.scope.paths)

    def written(self) -> dict[str, str]:
        paths = self._site.slot.work_tree.written()
        odd = next((name for path, name in zip(paths, shown(paths), strict=True) if path != name), None)
        if odd is not None:
            raise AttemptFailed(FailureKind.DERIVE_FAILED, f"A derive step wrote {odd}, and that name is no UTF-8.")
        self.made |= {file.path: file for file in self._site.slot.work_tree.hash_files(paths).files}
        return {path: f"{file.mode} {file.blob}" for path, file in self.made.items()}


def stored_files(repository: Repository, slot: Slot, files: tuple[JournalFile, ...]) -> DerivedFiles:
    """The files of a journal, in git's store."""
    return DerivedFiles(files=tuple(_stored(repository, slot, file) for file in files))


def _stored(repository: Repository, slot: Slot, file: JournalFile) -> DerivedFile:
    if file.deleted:
        return DerivedFile(path=file.path, blob=None, mode=file.mode)
    data = file.content or b""
    blob = store_blob(repository, data)
    slot.work_tree.trees.blobs.keep({blob: data})
    return DerivedFile(path=file.path, blob=blob, mode=file.mode)
