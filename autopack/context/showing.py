"""Files as the prompt shows them: the tree's texts, redacted, in the form their change is asked for, within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.allot import allot
from autopack.context.modes import safe_mode, wanted_mode
from autopack.context.needs import words_of
from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name, note_by_text
from autopack.context.windows import numbered_cost, part_of
from autopack.core.context import EditMode, FileShown
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.text import count_lines
from autopack.core.visible import ODD

FRAME_CHARACTERS: Final = 80
_SMALLEST_PART: Final = 2_000
_READ_BYTES: Final = 32 * 1024 * 1024
_NOTES: Final = 50


@dataclass(frozen=True)
class View:
    """How the files of one phase are looked at. ``file_count``: existing files that the scope resolves to."""

    phase: PhaseSpec
    redactor: Redactor
    forced_mode: EditMode | None
    file_count: int


@dataclass(frozen=True)
class Shown:
    files: tuple[FileShown, ...]
    unshown: tuple[str, ...]
    characters: int


@dataclass(frozen=True)
class _Draft:
    file: Wanted
    lines: list[str]
    total_lines: int
    mode: EditMode
    is_redacted: bool
    is_spelled: bool
    cost: int


def show_files(files: Sequence[Wanted], tree: TreeReader, view: View, characters: int) -> Shown:
    """Shows as many of the files as fit, each whole or in parts, in the order they are given."""
    notes = {file.path: note for file in files if (note := note_by_name(file, tree.entries[file.path]))}
    chosen = _shortlist([file for file in files if file.path not in notes], tree, view, characters)
    texts = tree.texts(tuple(file.path for file in chosen))
    drafts = []
    for file in chosen:
        text = texts[file.path].text if file.path in texts else None
        if (note := note_by_text(file, text)) or text is None:
            notes[file.path] = note or "no text"
        else:
            drafts.append(_draft(file, text, view))
    shares = allot([draft.cost for draft in drafts], characters)
    shown = {draft.file.path: _show(draft, share, view) for draft, share in zip(drafts, shares, strict=True)}
    named = dict(list(notes.items())[:_NOTES])
    in_order = tuple(shown.get(file.path) or _noted(file, named[file.path]) for file in files if file.path in shown or file.path in named)
    unshown = tuple(file.path for file in files if file.path not in shown and file.path not in named)
    return Shown(in_order, unshown, sum(min(draft.cost, share) for draft, share in zip(drafts, shares, strict=True)))


def _shortlist(files: list[Wanted], tree: TreeReader, view: View, characters: int) -> list[Wanted]:
    """Those that can be shown at least in part, the ones the plan names first; each of them will be read."""
    task = "\n".join((view.phase.description, *view.phase.acceptance_criteria))
    ranked = sorted(files, key=lambda file: (not file.is_literal, file.path not in task, file.path.rpartition("/")[2] not in task))
    chosen: set[str] = set()
    left, readable = characters, _READ_BYTES
    for file in ranked:
        size = tree.entries[file.path].size or 0
        left -= min(size, _SMALLEST_PART) + FRAME_CHARACTERS
        readable -= size
        if left < 0 or readable < 0:
            break
        chosen.add(file.path)
    return [file for file in files if file.path in chosen]


def _draft(file: Wanted, text: str, view: View) -> _Draft:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    shown = view.redactor.redact(plain)
    total = count_lines(plain)
    lines = shown.removesuffix("\n").split("\n") if total else []
    is_redacted, is_spelled = shown != plain, ODD.search(plain) is not None
    wanted = wanted_mode(view.phase, view.forced_mode, view.file_count, total)
    mode = safe_mode(wanted, is_whole=True, is_literal=not (is_redacted or is_spelled))
    is_numbered = mode != "full_file" and not file.is_read_only
    cost = (numbered_cost(lines) if is_numbered else len(shown)) + FRAME_CHARACTERS
    return _Draft(file, lines, total, mode, is_redacted, is_spelled, cost)


def _show(draft: _Draft, share: int, view: View) -> FileShown:
    is_whole = share >= draft.cost
    if is_whole:
        stretches: tuple[tuple[int, str], ...] = ((1, "\n".join(draft.lines)),)
        outline: tuple[tuple[int, str], ...] = ()
    else:
        part = part_of(draft.file.path, draft.lines, words_of(view.phase), share - FRAME_CHARACTERS)
        stretches, outline = part.stretches, part.outline
    return FileShown(
        path=draft.file.path,
        mode=safe_mode(draft.mode, is_whole=is_whole, is_literal=not (draft.is_redacted or draft.is_spelled)),
        total_lines=draft.total_lines,
        stretches=stretches,
        outline=outline,
        is_read_only=draft.file.is_read_only,
        is_redacted=draft.is_redacted,
        is_spelled=draft.is_spelled,
        is_whole=is_whole,
    )


def _noted(file: Wanted, note: str) -> FileShown:
    return FileShown(path=file.path, mode="structured_edit", total_lines=0, is_read_only=file.is_read_only, is_whole=False, note=note)
