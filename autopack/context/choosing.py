"""Which files and lines a phase is shown: every file whole where all of them fit, else the blocks that matter most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autopack.context.fit import Taken, fit
from autopack.context.ranking import Source, rank
from autopack.context.resolve import Wanted
from autopack.context.tree import TreeReader
from autopack.context.unshown import note_by_name, note_by_text
from autopack.context.windows import numbered_cost
from autopack.context.words import Lexicon, task_of, weights_of
from autopack.core.plan import PhaseSpec
from autopack.core.text import count_lines

FRAME_CHARACTERS: Final = 80
_READ_BYTES: Final = 16 * 1024 * 1024
_READ_FILES: Final = 3_000
_RANKED_CHARACTERS: Final = 300_000  # a larger file is data, unless the plan names it
_OUTLINE_SHARE: Final = 12


@dataclass(frozen=True)
class Draft:
    """A file as it lies in the tree, before anything is redacted or left out."""

    file: Wanted
    text: str
    lines: tuple[str, ...]
    cost: int

    @property
    def total_lines(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class Choice:
    """``taken`` are the lines shown, by path; ``notes`` say why a file is not; ``outline_characters`` are kept for outlines."""

    drafts: tuple[Draft, ...]
    taken: dict[str, Taken]
    notes: dict[str, str]
    outline_characters: int


def choose(files: Sequence[Wanted], tree: TreeReader, phase: PhaseSpec, characters: int) -> Choice:
    """The same files, phase and budget always give the same choice."""
    notes = {file.path: note for file in files if (note := note_by_name(file, tree.entries[file.path]))}
    drafts = _read([file for file in files if file.path not in notes], tree, phase, notes)
    if sum(draft.cost for draft in drafts) <= characters:
        whole = {
            draft.file.path: Taken("named" if draft.file.is_literal else "words", set(range(1, draft.total_lines + 1))) for draft in drafts
        }
        return Choice(drafts, whole, notes, 0)
    outline = characters // _OUTLINE_SHARE
    sources = [Source(draft.file.path, draft.lines, _is_named(draft.file, phase)) for draft in drafts if _is_ranked(draft, phase)]
    lines = {source.path: source.lines for source in sources}
    return Choice(drafts, fit(rank(sources, phase), lines, characters - outline), notes, outline)


def _read(files: Sequence[Wanted], tree: TreeReader, phase: PhaseSpec, notes: dict[str, str]) -> tuple[Draft, ...]:
    """The texts of those that are worth a look; what is no text gets a note."""
    chosen = _worth_reading(files, tree, phase)
    texts = tree.texts(tuple(file.path for file in files if file.path in chosen))
    drafts = []
    for file in files:
        if file.path in chosen:
            text = texts[file.path].text if file.path in texts else None
            if (note := note_by_text(file, text)) or text is None:
                notes[file.path] = note or "no text"
            else:
                drafts.append(_draft(file, text))
    return tuple(drafts)


def _worth_reading(files: Sequence[Wanted], tree: TreeReader, phase: PhaseSpec) -> frozenset[str]:
    """All of them, up to a bound: then those that the plan names first, and those whose paths speak of the task next."""
    lexicon = Lexicon(weights_of(phase))
    order = sorted(files, key=lambda file: (not file.is_literal, not _is_named(file, phase), -lexicon.told(file.path)))
    left = _READ_BYTES
    chosen: set[str] = set()
    for file in order[:_READ_FILES]:
        left -= tree.entries[file.path].size or 0
        if left < 0:
            break
        chosen.add(file.path)
    return frozenset(chosen)


def _draft(file: Wanted, text: str) -> Draft:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    lines = tuple(plain.removesuffix("\n").split("\n")) if count_lines(plain) else ()
    return Draft(file, plain, lines, numbered_cost(lines) + FRAME_CHARACTERS)


def _is_ranked(draft: Draft, phase: PhaseSpec) -> bool:
    return len(draft.text) <= _RANKED_CHARACTERS or _is_named(draft.file, phase)


def _is_named(file: Wanted, phase: PhaseSpec) -> bool:
    """The scope names exactly this file, or the task says its name."""
    task = task_of(phase)
    return file.is_literal or file.path in task or f" {file.path.rpartition('/')[2]}" in f" {task}"
