"""Consolidates the documents of a repository from end to end: looks, sorts, plans, judges the targets, carries out or undoes."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.settings import DocumentsSettings
from autopack.docs_archive.archives import open_archive
from autopack.docs_archive.carry_out import carry_out, finish, undo
from autopack.docs_archive.consolidate import Consolidation, Given, consolidate
from autopack.docs_archive.document import sha256_of
from autopack.docs_archive.filling import Archive
from autopack.docs_archive.manifest import PENDING, Manifest, Manifests
from autopack.docs_archive.scan import Left, scan
from autopack.docs_archive.sort import sort_document
from autopack.settings.own_files import RECORDS
from autopack.worktree.guard import exclusive
from autopack.worktree.repository import Repository

_WAIT_S = 1.0


@dataclass(frozen=True)
class Documents:
    """``is_run`` says of a name whether a run of this repository has it: no project of documents may have the same."""

    repository: Repository
    settings: DocumentsSettings
    project: str
    is_run: Callable[[str], bool]

    @property
    def manifests(self) -> Manifests:
        return Manifests(self.repository.git_dir / "autopack" / "documents")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raises EnvironmentBlockedError where another process consolidates this checkout."""
        with exclusive(self.repository.git_dir / "autopack" / "documents.lock", wait_s=_WAIT_S, sleep=time.sleep):
            yield

    def pending(self) -> Manifest | None:
        """A consolidation, or its undoing, that was killed on its way."""
        newest = self.manifests.newest()
        return newest if newest is not None and newest.state in PENDING else None

    def go_on(self, pending: Manifest) -> Manifest:
        return finish(self.repository, self.manifests, pending)

    def plan(self, named: Sequence[str]) -> "tuple[Consolidation, tuple[Left, ...]]":
        """What would be done; raises UserError where it may not be done."""
        scanned = scan(self.repository, self.settings, named)
        documents = [sort_document(one, self.settings, self.project) for one in scanned.documents]
        for name in dict.fromkeys(one.project for one in documents if not one.document.is_tracked):
            if self.is_run(name):
                raise UsageError(
                    f"a run is called '{name}', and so is the project whose documents would go to {RECORDS}/{name}/. "
                    "Give the project another name with --project, or in documents.yaml."
                )
        given = Given(documents, scanned.staying, self._archive, self._exists, self._is_empty_without, self.settings.alike)
        made = consolidate(given)
        self._judge_targets(made)
        return made, scanned.left

    def carry_out(self, made: Consolidation) -> Manifest:
        return carry_out(self.repository, self.manifests, made)

    def undo(self) -> Manifest:
        """Takes back the last consolidation; raises UsageError where there is none."""
        newest = self.manifests.newest()
        if newest is None:
            raise UsageError(f"there is no consolidation to undo in {self.repository.top}.")
        return undo(self.repository, self.manifests, newest)

    def _archive(self, project: str, is_tracked: bool) -> Archive:
        return open_archive(self.repository.top, project, self.project, is_tracked=is_tracked)

    def _exists(self, path: str) -> bool:
        return os.path.lexists(self.repository.top / path)

    def _is_empty_without(self, folder: str, gone: frozenset[str]) -> bool:
        top = self.repository.top
        inside = (Path(place, name).relative_to(top) for place, _, names in os.walk(top / folder) for name in names)
        return all(path.as_posix() in gone for path in inside)

    def _judge_targets(self, made: Consolidation) -> None:
        """Refuses to write over what a person changed and did not commit."""
        written = [one for one in made.changes if one.after is not None and one.before is not None and one.is_tracked]
        if not written:
            return
        ours = self.manifests.last_written()
        rows = self.repository.uncommitted()
        for one in written:
            is_dirty = any(row == one.path or (row.endswith("/") and one.path.startswith(row)) for row in rows)
            if is_dirty and one.before is not None and sha256_of(one.before) != ours.get(one.path):
                raise EnvironmentBlockedError(
                    f"{one.path} would be written, and has changes that are not committed. Commit or stash them, then try again."
                )
