"""Files as the prompt shows them: what was chosen of each, redacted, in the form its change is asked for."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from autopack.context.choosing import Chooser, choose
from autopack.context.digest_index import DigestStore
from autopack.context.drafts import Draft
from autopack.context.fit import Taken
from autopack.context.resolve import Wanted
from autopack.context.symbols import symbols_of
from autopack.context.tree import TreeReader
from autopack.context.windows import stretches_of
from autopack.core.context import DIFF_LINES, FULL_FILE_LINES, EditMode, FileShown
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.visible import ODD

_NOTES: Final = 50
Outline = tuple[tuple[int, str], ...]
MANY_FILES: Final = 30


@dataclass(frozen=True)
class View:
    """How the files of one phase are looked at."""

    phase: PhaseSpec
    redactor: Redactor
    forced_mode: EditMode | None
    digests: DigestStore | None = None


@dataclass(frozen=True)
class Shown:
    files: tuple[FileShown, ...]
    unshown: tuple[str, ...]
    characters: int


def show_files(files: Sequence[Wanted], tree: TreeReader, view: View, characters: int) -> Shown:
    """Shows what fits, in the order in which the files are given; what does not is named."""
    choice = choose(files, tree, Chooser(view.phase, view.redactor, view.digests), characters)
    visible = [(draft, choice.taken[draft.file.path]) for draft in choice.drafts if draft.file.path in choice.taken]
    parts = [Partly(draft.file.path, draft.lines, taken.lines) for draft, taken in visible if len(taken.lines) < draft.total_lines]
    outlined = outlines(parts, choice.outline_characters)
    count = sum(not draft.file.is_read_only for draft, _ in visible)
    shown = {draft.file.path: _show(draft, taken, view, count) for draft, taken in visible}
    shown = {path: file.model_copy(update={"outline": outlined.get(path, ())}) for path, file in shown.items()}
    named = dict(list(choice.notes.items())[:_NOTES])
    in_order = tuple(shown.get(file.path) or _noted(file, named[file.path]) for file in files if file.path in shown or file.path in named)
    unshown = tuple(file.path for file in files if file.path not in shown and file.path not in named)
    return Shown(in_order, unshown, sum(_characters(file) for file in shown.values()))


def _show(draft: Draft, taken: Taken, view: View, count: int) -> FileShown:
    text = view.redactor.redact(draft.text)
    lines = text.removesuffix("\n").split("\n") if draft.total_lines else []
    is_redacted, is_spelled = text != draft.text, ODD.search(draft.text) is not None
    is_whole = len(taken.lines) == draft.total_lines
    wanted = wanted_mode(view.phase, view.forced_mode, count, draft.total_lines)
    return FileShown(
        path=draft.file.path,
        mode=safe_mode(wanted, is_whole=is_whole, is_literal=not (is_redacted or is_spelled)),
        total_lines=draft.total_lines,
        stretches=((1, "\n".join(lines)),) if is_whole else stretches_of(lines, sorted(taken.lines)),
        is_read_only=draft.file.is_read_only,
        is_redacted=is_redacted,
        is_spelled=is_spelled,
        is_whole=is_whole,
        why=taken.why,
    )


def _characters(file: FileShown) -> int:
    numbers = 0 if file.is_whole and (file.is_read_only or file.mode == "full_file") else len(str(file.total_lines)) + 2
    text = sum(len(text) + numbers * (text.count("\n") + 1) for _, text in file.stretches)
    return text + sum(len(symbol) + len(str(line)) + 2 for line, symbol in file.outline)


def _noted(file: Wanted, note: str) -> FileShown:
    return FileShown(path=file.path, mode="structured_edit", total_lines=0, is_read_only=file.is_read_only, is_whole=False, note=note)


@dataclass(frozen=True)
class Partly:
    """A file of which only the lines ``shown`` are shown."""

    path: str
    lines: Sequence[str]
    shown: AbstractSet[int]


def outlines(files: Sequence[Partly], characters: int) -> dict[str, Outline]:
    """(line, symbol) of symbols whose opening line is not shown, by path, as many as fit."""
    hidden = [
        (symbol.depth, order, symbol.first_line, symbol.text)
        for order, file in enumerate(files)
        for symbol in symbols_of(file.path, list(file.lines))
        if symbol.first_line not in file.shown
    ]
    kept: dict[str, list[tuple[int, str]]] = {}
    for _, order, line, text in sorted(hidden):
        characters -= len(text) + len(str(line)) + 2
        if characters < 0:
            break
        kept.setdefault(files[order].path, []).append((line, text))
    return {path: tuple(sorted(rows)) for path, rows in kept.items()}


def wanted_mode(phase: PhaseSpec, forced: EditMode | None, file_count: int, total_lines: int) -> EditMode:
    """The mode of a file that is shown whole. ``file_count``: as many existing files are shown to be changed."""
    if forced == "full_file":
        return "full_file" if total_lines <= FULL_FILE_LINES else "structured_edit"
    if forced:
        return forced
    if phase.builder_mode != "auto":
        return phase.builder_mode
    if file_count >= MANY_FILES:
        return "structured_edit"
    if total_lines <= FULL_FILE_LINES:
        return "full_file"
    return "diff" if total_lines <= DIFF_LINES else "structured_edit"


def safe_mode(mode: EditMode, *, is_whole: bool, is_literal: bool) -> EditMode:
    """No whole file is asked for where the model does not see all of it as it is, and no hunk where it sees a part."""
    if not is_whole:
        return "structured_edit"
    return "structured_edit" if not is_literal and mode == "full_file" else mode
