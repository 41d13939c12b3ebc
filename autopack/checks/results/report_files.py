"""Finds the files of a check's results by the plan's pattern, bounded, and only where the check may write."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from autopack.core.scope import matches

FILE_BYTES_MAX: Final = 64_000_000
FILES_MAX: Final = 5_000
_VISITED_MAX: Final = 300_000
_NOT_ENTERED: Final = frozenset({".git", "node_modules"})


@dataclass(frozen=True)
class StepPlace:
    """Where a step runs: the work tree's root, the step's directory in it, and its ``AUTOPACK_OUT``."""

    root: Path
    cwd: Path
    out: Path

    @property
    def places(self) -> dict[str, str]:
        return {str(self.root): "", str(self.out): "$AUTOPACK_OUT"}

    def has_file(self, path: str) -> bool:
        """Whether a path from the step's directory, or from the root, is a file."""
        try:
            return (self.cwd / path).is_file() or (self.root / path).is_file()
        except (OSError, ValueError):  # too long for a path, or no path at all
            return False

    def shown(self, path: Path) -> str:
        for folder, word in ((self.out.resolve(), "$AUTOPACK_OUT/"), (self.root.resolve(), "")):
            if path.is_relative_to(folder):
                return word + os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace")
        return os.fsencode(path.name).decode("utf-8", "backslashreplace")


Identity = tuple[str, int, int, int]


def report_files(pattern: str | None, spot: StepPlace) -> list[Path]:
    """Regular files that the pattern names, below the work tree or ``AUTOPACK_OUT`` once links are followed; at most one too many."""
    if not pattern:
        return []
    homes = (spot.root.resolve(), spot.out.resolve())
    found = (real for path in _named(spot.cwd / pattern) if (real := _regular(path)) and any(map(real.is_relative_to, homes)))
    return list(islice(found, FILES_MAX + 1))


def identity(path: Path) -> Identity:
    """What changes when a report is written again, so that no old report counts for a new run."""
    try:
        found = path.stat()
    except OSError:
        return (str(path), 0, 0, 0)
    return (str(path), found.st_ino, found.st_mtime_ns, found.st_size)


def read_file(path: Path, limit: int) -> bytes | None:
    """The file's bytes; None where it is longer than ``limit``, cannot be read, or is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
                return None
            data = file.read(limit + 1)
    except OSError:
        return None
    return data if len(data) <= limit else None


def _regular(path: Path) -> Path | None:
    try:
        real = path.resolve()
        return real if real.is_file() else None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long, a zero byte
        return None


def _named(pattern: Path) -> Iterator[Path]:
    """One path, or those below the pattern's fixed folders that match it; links are not followed on the way."""
    parts = pattern.parts
    fixed = next((index for index, part in enumerate(parts) if "*" in part), None)
    if fixed is None:
        yield pattern
        return
    base, rest = Path(*parts[:fixed]), "/".join(parts[fixed:])
    for path in _below(base):
        if matches(rest, path.relative_to(base).as_posix()):
            yield path


def _below(base: Path) -> Iterator[Path]:
    """Files in order of their names, a folder's own before those below it; works at any depth without recursion."""
    folders, visited = [base], 0
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                found = sorted(islice(entries, _VISITED_MAX - visited), key=lambda entry: entry.name)
        except OSError:  # gone, closed to us, or deeper than a path can be long
            continue
        visited += len(found)
        yield from (Path(entry.path) for entry in found if not entry.is_dir(follow_symlinks=False))
        below = [Path(entry.path) for entry in found if entry.name not in _NOT_ENTERED and entry.is_dir(follow_symlinks=False)]
        folders += reversed(below)
