"""Lines that a failure points at and that the prompt did not show: they follow the failure, so that what came before stays as it is."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name, note_by_text
from autopack.context.windows import stretches_of
from autopack.core.context import Excerpt, Feedback, FileShown
from autopack.core.redaction import Redactor
from autopack.core.text import unix_text

_PLACE: Final = re.compile(r"(?P<path>[\w@+~./-]{1,300}\.\w{1,10})(?:\"?,? lines? |:|\()(?P<line>\d{1,7})")
_AROUND: Final = 15
_PLACES: Final = 8
_CHARACTERS: Final = 12_000


def excerpts_of(
    feedback: tuple[Feedback, ...], files: Sequence[Wanted], shown: Sequence[FileShown], tree: TreeReader, redactor: Redactor
) -> tuple[Excerpt, ...]:
    """The unseen lines around each place (``path:12``, ``path, line 12``) that a failure's words name, in the order of the failures."""
    whole = {file.path for file in shown if file.is_whole}
    known = {file.path: file for file in files if file.path not in whole}
    visible = {path: set[int]() for path in known} | {file.path: _visible_lines(file) for file in shown if file.path in known}
    found: list[Excerpt] = []
    for lesson in feedback:
        left = _CHARACTERS
        for path, numbers in _wanted_lines(lesson, known.keys()).items():
            lines = _lines(known[path], tree, redactor)
            fresh = _that_fit(lines, sorted(numbers - visible[path]), left)
            left -= sum(len(lines[number - 1]) for number in fresh)
            visible[path].update(fresh)
            found += [Excerpt(attempt=lesson.attempt, path=path, first_line=first, text=text) for first, text in stretches_of(lines, fresh)]
    return tuple(found)


def _wanted_lines(lesson: Feedback, paths: Collection[str]) -> dict[str, set[int]]:
    """The lines around the first few places that the words name; a path in a tool's output may be longer than the tree's."""
    wanted: dict[str, set[int]] = {}
    places = 0
    for match in _PLACE.finditer(f"{lesson.message}\n{lesson.evidence}"):
        path = _in_tree(match["path"], paths)
        if path and places < _PLACES:
            places += 1
            line = int(match["line"])
            wanted.setdefault(path, set()).update(range(max(1, line - _AROUND), line + _AROUND + 1))
    return wanted


def _that_fit(lines: list[str], numbers: list[int], characters: int) -> list[int]:
    fitting: list[int] = []
    for number in numbers:
        characters -= len(lines[number - 1]) if number <= len(lines) else 0
        if number > len(lines) or characters < 0:
            break
        fitting.append(number)
    return fitting


def _in_tree(text: str, paths: Collection[str]) -> str | None:
    parts = text.split("/")
    return next((candidate for start in range(len(parts)) if (candidate := "/".join(parts[start:])) in paths), None)


def _visible_lines(file: FileShown) -> set[int]:
    return {number for first, text in file.stretches for number in range(first, first + text.count("\n") + 1)}


def _lines(file: Wanted, tree: TreeReader, redactor: Redactor) -> list[str]:
    """None of a file that is never shown."""
    if note_by_name(file, tree.entries[file.path]):
        return []
    found = tree.texts((file.path,)).get(file.path)
    if found is None or note_by_text(file, found.text):
        return []
    return redactor.redact(unix_text(found.text)).removesuffix("\n").split("\n")
