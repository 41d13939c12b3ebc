"""The manifest of a consolidation: every file before and after, kept in git's own folder, so that a killed one goes on or is undone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.model import Frozen
from autopack.docs_archive.consolidate import Consolidation
from autopack.docs_archive.document import sha256_of
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.folder_flush import flush_folder

State = Literal["doing", "done", "undoing", "undone"]
PENDING: Final[frozenset[State]] = frozenset({"doing", "undoing"})
_NAME: Final = "manifest.json"


class FileChange(Frozen):
    """``before`` and ``after`` are digests of bytes that are kept beside the manifest; None where there is no file."""

    path: str
    before: str | None
    after: str | None
    is_tracked: bool
    permissions: int


class Manifest(Frozen):
    """``index`` is what git's index had of each tracked path, ``<mode> <blob>``; None: nothing."""

    number: int
    state: State
    changes: tuple[FileChange, ...]
    moves: tuple[tuple[str, str], ...]
    index: dict[str, str | None]


@dataclass(frozen=True)
class Manifests:
    """One folder for each consolidation, numbered."""

    folder: Path

    def newest(self) -> Manifest | None:
        """The last one that was not undone; None where there is none."""
        for number in reversed(self._numbers()):
            found = self._read(number)
            if found is not None and found.state != "undone":
                return found
        return None

    def last_written(self) -> dict[str, str | None]:
        """Of every file that a consolidation wrote, the digest of what it was left as."""
        manifests = [found for number in self._numbers() if (found := self._read(number)) is not None and found.state == "done"]
        return {one.path: one.after for manifest in manifests for one in manifest.changes}

    def begin(self, made: Consolidation, index: Mapping[str, str | None]) -> Manifest:
        """Keeps every byte that is written or taken away, then the manifest."""
        number = max(self._numbers(), default=0) + 1
        with disk_trouble(self.folder):
            (self._of(number) / "files").mkdir(parents=True, exist_ok=True)
            changes = tuple(
                FileChange(
                    path=one.path,
                    before=self._keep(number, one.before),
                    after=self._keep(number, one.after),
                    is_tracked=one.is_tracked,
                    permissions=one.permissions,
                )
                for one in made.changes
            )
            flush_folder(self._of(number) / "files")
        manifest = Manifest(number=number, state="doing", changes=changes, moves=made.moves, index=dict(index))
        self.write(manifest)
        return manifest

    def write(self, manifest: Manifest) -> None:
        with disk_trouble(self.folder):
            _write_whole(self._of(manifest.number) / _NAME, manifest.model_dump_json(indent=1).encode("utf-8", "surrogatepass"))

    def content(self, manifest: Manifest, digest: str | None) -> bytes | None:
        """Raises EnvironmentBlockedError where the bytes are not those that were kept."""
        if digest is None:
            return None
        file = self._of(manifest.number) / "files" / digest
        with disk_trouble(file):
            data = file.read_bytes()
        if sha256_of(data) != digest:
            raise EnvironmentBlockedError(f"{file} is damaged, so nothing was done. The documents are as they were left.")
        return data

    def _keep(self, number: int, data: bytes | None) -> str | None:
        if data is None:
            return None
        digest = sha256_of(data)
        file = self._of(number) / "files" / digest
        if not file.exists():
            _write_whole(file, data)
        return digest

    def _read(self, number: int) -> Manifest | None:
        """None for one that was killed before it was whole: nothing of it was done."""
        try:
            return Manifest.model_validate_json((self._of(number) / _NAME).read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise EnvironmentBlockedError(f"{self._of(number) / _NAME} is damaged. Move that folder away to begin anew.") from error

    def _numbers(self) -> list[int]:
        return sorted(int(path.name) for path in self.folder.glob("*") if path.name.isdigit())

    def _of(self, number: int) -> Path:
        return self.folder / str(number)


def _write_whole(path: Path, data: bytes) -> None:
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    flush_folder(path.parent)
