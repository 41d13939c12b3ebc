"""Lines that the prompt did not show at first: what a builder read, and what its failure points at. What came before stays as it is."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from autopack.context.reading import Looker, lines_of
from autopack.context.resolve import Wanted
from autopack.context.windows import stretches_of
from autopack.core.context import AttemptSaw, Excerpt, Feedback, FileShown

_PLACE: Final = re.compile(r"(?P<path>[\w@+~./-]{1,300}\.\w{1,10})(?:\"?,? lines? |:|\()(?P<line>\d{1,7})")
_AROUND: Final = 15
_PLACES: Final = 8
_POINTED_AT_CHARACTERS: Final = 12_000
_READ_CHARACTERS: Final = 24_000

Lines = dict[str, set[int]]


def excerpts_of(
    feedback: Sequence[Feedback], saw: Sequence[AttemptSaw], files: Sequence[Wanted], shown: Sequence[FileShown], looker: Looker
) -> tuple[Excerpt, ...]:
    """Attempt by attempt: the unseen lines that its builder read, then those around each place (``path:12``) that its failure names."""
    visible = {file.path: _visible_lines(file) for file in shown}
    known = {file.path for file in files}
    found: list[Excerpt] = []
    for attempt in sorted({*(lesson.attempt for lesson in feedback), *(one.attempt for one in saw)}):
        for one in saw:
            if one.attempt == attempt:
                fresh = _unseen(_read_lines(one, looker), visible, looker, _READ_CHARACTERS)
                found += [excerpt.model_copy(update={"attempt": attempt, "is_read": True}) for excerpt in fresh]
        for lesson in feedback:
            if lesson.attempt == attempt:
                fresh = _unseen(_pointed_at(lesson, known), visible, looker, _POINTED_AT_CHARACTERS)
                found += [excerpt.model_copy(update={"attempt": attempt}) for excerpt in fresh]
    return tuple(found)


def _unseen(wanted: Mapping[str, set[int]], visible: Lines, looker: Looker, left: int) -> Iterator[Excerpt]:
    texts, _ = lines_of(tuple(wanted), looker)
    for path, numbers in wanted.items():
        lines = texts.get(path, [])
        fresh = _that_fit(lines, sorted(numbers - visible.get(path, set())), left)
        left -= sum(len(lines[number - 1]) for number in fresh)
        visible.setdefault(path, set()).update(fresh)
        for first, text in stretches_of(lines, fresh):
            yield Excerpt(attempt=0, path=path, first_line=first, text=text)


def _read_lines(saw: AttemptSaw, looker: Looker) -> Lines:
    """Of files that the tree still has."""
    wanted: Lines = {}
    for seen in saw.seen:
        if seen.path in looker.tree.entries:
            wanted.setdefault(seen.path, set()).update(range(seen.first, seen.last + 1))
    return wanted


def _pointed_at(lesson: Feedback, paths: Collection[str]) -> Lines:
    """The lines around the first few places that the words name; a path in a tool's output may be longer than the tree's."""
    wanted: Lines = {}
    places = 0
    for match in _PLACE.finditer(f"{lesson.message}\n{lesson.evidence}"):
        path = _in_tree(match["path"], paths)
        if path and places < _PLACES:
            places += 1
            line = int(match["line"])
            wanted.setdefault(path, set()).update(range(max(1, line - _AROUND), line + _AROUND + 1))
    return wanted


def _that_fit(lines: Sequence[str], numbers: list[int], characters: int) -> list[int]:
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
