"""Looks for the documents of a checkout: what may be moved, what stays and why, and when each was last changed."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from autopack.core.code_files import CODE_SUFFIXES
from autopack.core.errors import UsageError
from autopack.core.settings import DocumentsSettings
from autopack.docs_archive.document import Document, syntax_of
from autopack.docs_archive.sort import left_by
from autopack.edits.model import EditRefused
from autopack.settings.own_files import RECORDS
from autopack.worktree.disk_files import opened_root, read_file
from autopack.worktree.git import Git, as_text, split_z
from autopack.worktree.repository import Repository

ARCHIVE: Final = "archive"
_OURS: Final = (f"{ARCHIVE}/", f"{RECORDS}/", ".autopack/")
_MANY: Final = 500
_GREP_ROW: Final = re.compile(r"([^\0]+)\0(\d+)\0([^\n]*)\n")


@dataclass(frozen=True)
class Left:
    """A document that stays where it is."""

    path: str
    why: str


@dataclass(frozen=True)
class Scanned:
    """``staying`` are all files whose links may have to be rewritten."""

    documents: tuple[Document, ...]
    staying: tuple[Document, ...]
    left: tuple[Left, ...]


def scan(repository: Repository, settings: DocumentsSettings, named: Sequence[str]) -> Scanned:
    """``named`` are paths from the root, files or folders, that are taken whatever the configuration or git says."""
    all_tracked = split_z(repository.git.run("ls-files", "-z"))
    tracked = _documents(all_tracked)
    others = _documents(split_z(repository.git.run("ls-files", "-z", "--others", "--exclude-standard")))
    others += [path for path in _below(repository.top, named) if path not in {*tracked, *others}]
    found, left = _read(repository, tracked, others)
    why = {one.path: one.why for one in left}
    programs = _folders_of_programs(all_tracked)
    for document in found:
        if _is_named(document.path, named):
            continue
        reason = left_by(document.path, settings)
        if reason is not None:
            why[document.path] = f"`leave` has {reason}"
        elif document.syntax == "text" and (folder := _first_of(programs, document.path)) is not None:
            why[document.path] = f"a text below {folder}/, whose programs may read it"
    moving = [document for document in found if document.path not in why and not _is_ours(document.path)]
    why |= _used_by_others(repository.git, [one.path for one in moving if not _is_named(one.path, named)])
    moving = [document for document in moving if document.path not in why]
    gone = {document.path for document in moving}
    staying = [document for document in found if document.path not in gone and not _is_ours(document.path) and document.syntax != "text"]
    return Scanned(tuple(_dated(repository.git, moving)), tuple(staying), tuple(Left(path, why[path]) for path in sorted(why)))


def paths_from_root(repository: Repository, words: Iterable[str], here: Path) -> tuple[str, ...]:
    """What a person named at the command line; raises UsageError for what is not there or not in the repository."""
    found = []
    for word in words:
        path = Path(os.path.normpath(here / word))
        top = repository.top.resolve()
        real = path.parent.resolve() / path.name
        if not real.exists() or not real.is_relative_to(top):
            raise UsageError(f"{word!r} is nothing that lies in {repository.top}. Name documents or folders of the repository.")
        found.append(real.relative_to(top).as_posix())
    return tuple(found)


def _documents(paths: Iterable[str]) -> list[str]:
    return sorted({path for path in paths if syntax_of(path)})


def _below(top: Path, named: Sequence[str]) -> Iterator[str]:
    for name in named:
        place = top / name
        inside = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() and not place.is_symlink() else [place]
        yield from _documents(path.relative_to(top).as_posix() for path in inside if ".git" not in path.parts)


def _is_named(path: str, named: Sequence[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") or name == "." for name in named)


def _is_ours(path: str) -> bool:
    return path.startswith(_OURS)


def _read(repository: Repository, tracked: Sequence[str], others: Sequence[str]) -> tuple[list[Document], list[Left]]:
    found, left = [], []
    with opened_root(repository.top) as root:
        for path, is_tracked in sorted([*((path, True) for path in tracked), *((path, False) for path in others)]):
            if not _is_utf8(path):
                left.append(Left(path, "its name is no UTF-8"))
                continue
            try:
                file = read_file(root, path)
            except EditRefused:
                left.append(Left(path, "no plain file of its own, too large, or not to be read"))
                continue
            if file is None:
                continue
            day = datetime.fromtimestamp(file.identity[3] / 1e9, UTC).strftime("%Y-%m-%d")
            document = Document(path, file.data, is_tracked, day, file.permissions)
            if document.is_text:
                found.append(document)
            else:
                left.append(Left(path, "no text"))
    return found, left


def _is_utf8(path: str) -> bool:
    return path.encode("utf-8", "replace").decode("utf-8") == path


def _folders_of_programs(paths: Iterable[str]) -> frozenset[str]:
    """Folders with code in them, the root left out: what lies there is beside a program, not part of one."""
    return frozenset(path.rpartition("/")[0] for path in paths if path.endswith(CODE_SUFFIXES)) - {""}


def _first_of(folders: frozenset[str], path: str) -> str | None:
    parts = path.split("/")
    return next((folder for end in range(1, len(parts)) if (folder := "/".join(parts[:end])) in folders), None)


def _used_by_others(git: Git, paths: Sequence[str]) -> dict[str, str]:
    """Documents whose name stands in a tracked file that is none: something may read them where they are."""
    names = {path.rpartition("/")[2] for path in paths}
    if not names:
        return {}
    asked = "\n".join(sorted(name for name in names if "\n" not in name)) + "\n"
    outcome = git.attempt("grep", "-z", "-n", "-I", "-F", "-f", "-", stdin=asked.encode("utf-8", "surrogateescape"))
    exact = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])")
    used: dict[str, str] = {}
    for file, line, text in _GREP_ROW.findall(as_text(outcome.stdout)):
        if syntax_of(file) is None:
            for name in exact.findall(text):
                used.setdefault(name, f"named in {file}:{line}")
    return {path: used[name] for path in paths if (name := path.rpartition("/")[2]) in used}


def _dated(git: Git, documents: Sequence[Document]) -> Iterator[Document]:
    """With the day of the last commit, where there is one."""
    days: dict[str, str] = {}
    tracked = [document.path for document in documents if document.is_tracked]
    for at in range(0, len(tracked), _MANY):
        listing = git.run("log", "--no-renames", "--format=%x01%cs", "--name-only", "-z", "--", *tracked[at : at + _MANY])
        day = ""
        for part in split_z(listing):
            plain = part.lstrip("\n")
            if plain.startswith("\x01"):
                day = plain[1:].strip()
            else:
                days.setdefault(plain, day)
    for document in documents:
        yield replace(document, date=days.get(document.path, document.date))
