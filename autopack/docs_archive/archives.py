"""Reads the archives of a repository: where each lies, what its catalogue says, the pages as they stand."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError
from autopack.docs_archive.document import Catalogue, Document
from autopack.docs_archive.filling import Archive
from autopack.docs_archive.pages import CATALOGUE, INDEX, SUPERSEDED, TITLES, page_name
from autopack.docs_archive.scan import ARCHIVE
from autopack.edits.model import EditRefused
from autopack.settings.own_files import RECORDS
from autopack.worktree.disk_files import opened_root, read_file

PROJECT_ARCHIVE: Final = "archive"
"""Below ``.autonomous_runs/<project>``; the folder of a run never holds one."""


def folder_of(project: str, of_repository: str, *, is_tracked: bool) -> str:
    if not is_tracked:
        return f"{RECORDS}/{project}/{PROJECT_ARCHIVE}"
    return ARCHIVE if project == of_repository else f"{ARCHIVE}/{project}"


def has_archive(records: Path, name: str) -> bool:
    """Whether a folder of records is that of a project's documents."""
    return (records / name / PROJECT_ARCHIVE).is_dir()


def open_archive(top: Path, project: str, of_repository: str, *, is_tracked: bool) -> Archive:
    """Raises InvalidInputError where its catalogue cannot be read."""
    if project == SUPERSEDED:
        raise InvalidInputError(f"documents.yaml: no project can be called {SUPERSEDED!r}, a folder of every archive. Choose another name.")
    folder = folder_of(project, of_repository, is_tracked=is_tracked)
    names = [CATALOGUE, INDEX, *map(page_name, TITLES)]
    files = {name: data for name in names if (data := read_at(top, f"{folder}/{name}")) is not None}
    catalogue = _catalogue(files.get(CATALOGUE), f"{folder}/{CATALOGUE}")
    settled = {}
    for entry in catalogue.entries:
        data = read_at(top, f"{folder}/{entry.kept}") if entry.merged_into is None else None
        document = Document(entry.source, data, is_tracked, entry.date) if data is not None else None
        if document is not None and document.is_text:
            settled[entry.kept] = document
    return Archive(folder, project, is_tracked, catalogue, files, settled)


def read_at(top: Path, path: str) -> bytes | None:
    """The bytes of a plain file; None where there is none. Raises EnvironmentBlockedError where a link or a folder stands there."""
    try:
        with opened_root(top) as root:
            file = read_file(root, path)
    except EditRefused as error:
        raise EnvironmentBlockedError(
            f"{top / path} is in the way: it is no plain file, or a folder on its way is a link. Move it and give the command again."
        ) from error
    return file.data if file is not None else None


def _catalogue(data: bytes | None, shown: str) -> Catalogue:
    if data is None:
        return Catalogue()
    try:
        return Catalogue.model_validate_json(data)
    except ValidationError as error:
        raise InvalidInputError(
            f"{shown} cannot be read: it is no catalogue of documents. Take it back from git, then try again."
        ) from error
