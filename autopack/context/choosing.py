"""Which files and lines a phase is shown: every file whole where all of them fit, else the blocks that matter most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.digest import Splitter
from autopack.context.digest_index import DigestStore, digests_of
from autopack.context.drafts import READ_FILES, Draft, read_drafts, worth_reading
from autopack.context.fit import Taken, fit
from autopack.context.ranking import Source, rank
from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name
from autopack.context.words import task_of, weights_of
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor

_RANKED_CHARACTERS: Final = 300_000  # a larger file is data, unless the plan names it
_OUTLINE_SHARE: Final = 24
_FEW: Final = 4  # a scope that names more files by name says no more of each than one that names their folder


@dataclass(frozen=True)
class Chooser:
    """What a choice is made with: for which phase, what is no word of a text, and where derived things are kept, if anywhere."""

    phase: PhaseSpec
    redactor: Redactor
    digests: DigestStore | None = None


@dataclass(frozen=True)
class Choice:
    """``taken`` are the lines shown, by path; ``notes`` say why a file is not; ``outline_characters`` are kept for outlines."""

    drafts: tuple[Draft, ...]
    taken: dict[str, Taken]
    notes: dict[str, str]
    outline_characters: int


def choose(files: Sequence[Wanted], tree: TreeReader, chooser: Chooser, characters: int) -> Choice:
    """The same files, phase and budget always give the same choice."""
    phase = chooser.phase
    task = f" {task_of(phase)}"
    notes: dict[str, str] = {}
    drafts = _read(files, tree, weights_of(phase), task, notes)
    if sum(draft.cost for draft in drafts) <= characters:
        whole = {
            draft.file.path: Taken("named" if draft.file.is_literal else "words", set(range(1, draft.total_lines + 1))) for draft in drafts
        }
        return Choice(drafts, whole, notes, 0)
    outline = characters // _OUTLINE_SHARE
    is_telling = sum(draft.file.is_literal for draft in drafts) <= _FEW
    small = [draft for draft in drafts if _is_named(draft.file, task) or len(draft.text) <= _RANKED_CHARACTERS]
    digests = digests_of(small, tree, chooser.redactor, chooser.digests)
    ranked = [
        Source(
            draft.file.path,
            digests[draft.file.path],
            draft.total_lines,
            _is_said(draft.file, task) or (draft.file.is_literal and is_telling),
        )
        for draft in small
    ]
    lines = {draft.file.path: draft.lines for draft in drafts}
    return Choice(drafts, fit(rank(ranked, phase), lines, characters - outline), notes, outline)


def _read(files: Sequence[Wanted], tree: TreeReader, weights: Mapping[str, float], task: str, notes: dict[str, str]) -> tuple[Draft, ...]:
    """All of them, up to a bound: then those that the plan names first, and those whose paths speak of the task next.

    Of very many files only as many are looked at as may be read: to judge every name would take longer than to choose.
    """
    split = Splitter()
    order = sorted(files, key=lambda file: (not file.is_literal, not _is_named(file, task), -split.told(file.path, weights)))
    may_be = (file for file in order if not _noted(file, tree, notes))
    chosen = set(worth_reading(may_be if len(files) > READ_FILES else tuple(may_be), tree))
    return read_drafts([file for file in files if file in chosen], tree, notes)


def _noted(file: Wanted, tree: TreeReader, notes: dict[str, str]) -> bool:
    """Whether its name says that it is not shown; ``notes`` is told why."""
    note = note_by_name(file, tree.entries[file.path])
    if note:
        notes[file.path] = note
    return note is not None


def _is_named(file: Wanted, task: str) -> bool:
    """The scope names exactly this file, or the task, which begins with a space, says its name."""
    return file.is_literal or _is_said(file, task)


def _is_said(file: Wanted, task: str) -> bool:
    return file.path in task or f" {file.path.rpartition('/')[2]}" in task
