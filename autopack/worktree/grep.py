"""Searches the files of a commit by a pattern: git does it, in a time and an amount that are bounded whatever the pattern is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.diff import Bounded, neutral, no_index
from autopack.worktree.git import GitError, as_text
from autopack.worktree.repository import Repository

TIMEOUT_S: Final = 20.0
_OUTPUT_BYTES: Final = 4_000_000
_WORDS: Final = ("grep", "-I", "-n", "-z", "--full-name", "--no-color", "--no-column")
_NOTHING: Final = 1
_CLASSES: Final = {r"\d": "[0-9]", r"\D": "[^0-9]", "(?:": "("}
"""What other dialects have and POSIX has not."""


@dataclass(frozen=True)
class Hits:
    """The lines by (path, number), in the order of the paths. ``is_literal``: the pattern was no regular expression and was taken as words.

    ``is_all``: nothing was left out for time or size.
    """

    lines: tuple[tuple[str, int], ...] = ()
    is_literal: bool = False
    is_all: bool = True


def grep(repository: Repository, commit: str, pattern: str, paths: Sequence[str] = (), *, is_word: bool = False) -> Hits:
    """The lines that hold the pattern, at or below ``paths`` (none: everywhere); ``is_word``: a plain whole word."""
    if is_word:
        return _search(repository, commit, ("-F", "-w", "-e", pattern), paths)
    spelled = re.sub(r"\\[dD]|\(\?:", lambda found: _CLASSES[found[0]], pattern.removeprefix("(?i)"))
    case = ("-i",) if pattern.startswith("(?i)") else ()
    try:
        return _search(repository, commit, ("-E", *case, "-e", spelled), paths)
    except GitError:
        found = _search(repository, commit, ("-F", *case, "-e", pattern), paths)
        return Hits(found.lines, is_literal=True, is_all=found.is_all)


def _search(repository: Repository, commit: str, how: Sequence[str], paths: Sequence[str]) -> Hits:
    kept = Bounded(_OUTPUT_BYTES)
    try:
        neutral(repository).stream(*_WORDS, *how, commit, "--", *paths, into=kept, extra=no_index(repository), timeout_s=TIMEOUT_S)
    except GitError as error:
        if error.exit_code != _NOTHING:
            raise
    except EnvironmentBlockedError:
        return Hits(is_all=False)
    rows = [row for row in as_text(bytes(kept.data)).split("\n") if row.count("\0") > 1]
    return Hits(tuple(_place(row, commit) for row in rows), is_all=kept.size <= _OUTPUT_BYTES)


def _place(row: str, commit: str) -> tuple[str, int]:
    path, number, _ = row.split("\0", 2)
    return path.removeprefix(f"{commit}:"), int(number)
