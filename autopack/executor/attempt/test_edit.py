"""Finds what of an edit touches tests: files that count as tests, and settings that decide what the check runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from autopack.core.candidate import Candidate
from autopack.core.checking import StepReport
from autopack.core.code_files import CODE_SUFFIXES
from autopack.executor.run_context import Trees
from autopack.review.deciding_settings import Around, Edit, deciding_settings, is_the_command
from autopack.review.test_files import counts_as_test, runner_part
from autopack.worktree.base_tree import BaseTree

_DATA: Final = (
    ".json",
    ".jsonl",
    ".yaml",
    ".yml",
    ".csv",
    ".tsv",
    ".txt",
    ".xml",
    ".toml",
    ".sql",
    ".html",
    ".out",
    ".golden",
    ".dat",
    ".bin",
)
_CODE_BYTES: Final = 200_000
_ALL_BYTES: Final = 32 << 20
_SHORTEST_NAME: Final = 4


@dataclass(frozen=True)
class TestEdit:
    """``settings`` are (file, what is changed there)."""

    __test__ = False

    touched: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


def weighed_edit(tree: Trees, candidate: Candidate, steps: tuple[StepReport, ...]) -> TestEdit:
    """Judges by paths. Of a file that says other things too, judges only the part that bears on tests."""
    before, after = tree(candidate.parent), tree(candidate.commit)
    old, new = before.texts(candidate.paths), after.texts(candidate.paths)
    edits = [Edit(path, old[path].text if path in old else None, new[path].text if path in new else None) for path in candidate.paths]
    exists = _Known(before).has
    touched = {edit.path for edit in edits if _counts(edit, steps) or counts_as_test(edit.path, exists)}
    data = [path for path in candidate.paths if path not in touched and path in before.entries and path.lower().endswith(_DATA)]
    touched |= set(_data_of_tests(before, data)) if data else set()
    return TestEdit(tuple(sorted(touched)), tuple(dict.fromkeys(deciding_settings(edits, Around(steps, exists)))))


class _Known:
    """The files and folders of a tree; folders are found when they are first asked for."""

    def __init__(self, tree: BaseTree) -> None:
        self._entries = tree.entries

    def has(self, path: str) -> bool:
        return path in self._entries or any(known.startswith(path + "/") for known in self._entries)


def _counts(edit: Edit, steps: tuple[StepReport, ...]) -> bool:
    part = runner_part(edit.path, edit.after)
    return (part is not None and part != runner_part(edit.path, edit.before)) or (
        edit.before is not None and is_the_command(edit.path, steps)
    )


def _data_of_tests(tree: BaseTree, paths: Iterable[str]) -> Iterator[str]:
    """The data files that tests name, by their own name or their folder's, and no source does."""
    texts = dict(_code(tree))
    for path in paths:
        *folders, name = path.split("/")
        words = [name, *(f"{quote}{folders[-1]}{end}" for quote in "\"'/" for end in "\"'/" if folders)]
        naming = {file for file, text in texts.items() if any(len(word) >= _SHORTEST_NAME and word in text for word in words)}
        if naming and all(map(counts_as_test, naming)):
            yield path


def _code(tree: BaseTree) -> Iterator[tuple[str, str]]:
    """The program files of a tree; none where there is more than is read for this."""
    entries = {
        path: entry.size or 0 for path, entry in tree.entries.items() if path.endswith(CODE_SUFFIXES) and (entry.size or 0) <= _CODE_BYTES
    }
    if sum(entries.values()) <= _ALL_BYTES:
        for path, data in tree.read(entries).items():
            yield path, data.decode("utf-8", "replace")
