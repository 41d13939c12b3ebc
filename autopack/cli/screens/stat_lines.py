"""Draws ``diff --stat``: the files of a change with their added and deleted lines, and the sum."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from autopack.cli.printable import needs_care
from autopack.core.visible import quoted
from autopack.worktree.diff import FileChange

_WIDEST_BAR: Final = 40


def stat_lines(changes: Sequence[FileChange]) -> Iterator[Text]:
    """`` src/a.py | 3 ++-`` for each file, in the manner of git."""
    names = [_name(change) for change in changes]
    counts = ["Bin" if change.added is None else str(_lines(change)) for change in changes]
    width, digits = max(map(len, names)), max(map(len, counts))
    scale = min(1.0, _WIDEST_BAR / max(1, *map(_lines, changes)))
    for name, count, change in zip(names, counts, changes, strict=True):
        bar = Text.assemble(("+" * _drawn(change.added, scale), "green"), ("-" * _drawn(change.deleted, scale), "red"))
        line = Text(f" {name.ljust(width)} | {count.rjust(digits)} ") + bar
        line.rstrip()
        yield line
    yield Text(" " + ", ".join(_sum(changes)))


def shown_path(path: str) -> str:
    """A file's name on one line; quoted where it holds invisible characters."""
    return quoted(path) if needs_care(path) else path


def _name(change: FileChange) -> str:
    new, old = shown_path(change.path), shown_path(change.old_path)
    return new if new == old else f"{old} => {new}"


def _lines(change: FileChange) -> int:
    return (change.added or 0) + (change.deleted or 0)


def _drawn(count: int | None, scale: float) -> int:
    """Gives additions and deletions that are there at least one sign each."""
    return max(1, round(count * scale)) if count else 0


def _sum(changes: Sequence[FileChange]) -> Iterator[str]:
    added, deleted = sum(change.added or 0 for change in changes), sum(change.deleted or 0 for change in changes)
    yield f"{len(changes)} file{'s' if len(changes) != 1 else ''} changed"
    if added:
        yield f"{added} insertion{'s' if added != 1 else ''}(+)"
    if deleted:
        yield f"{deleted} deletion{'s' if deleted != 1 else ''}(-)"
