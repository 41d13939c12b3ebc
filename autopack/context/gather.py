"""What the builder is shown for a phase: the same tree, phase and failures always give the same context, byte for byte."""

from dataclasses import dataclass
from typing import Final

from autopack.context.digest_index import DigestStore
from autopack.context.excerpts import excerpts_of
from autopack.context.instructions import read_instructions
from autopack.context.listing import listing
from autopack.context.reading import Looker
from autopack.context.resolve import resolve
from autopack.context.showing import View, show_files
from autopack.context.tree import TreeReader
from autopack.core.context import AttemptSaw, EditMode, Feedback, LandedPhase, PhaseContext, Reminder, Ruled
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.redaction import Redactor
from autopack.core.token_count import CHARACTERS_PER_TOKEN

_INSTRUCTIONS_SHARE: Final = 4
_UNSHOWN_NAMED: Final = 100


@dataclass(frozen=True)
class Rules:
    """What holds for every phase of a run, and the mode that earlier failures force on this attempt.

    ``max_tokens`` bounds all of it, each of ``characters_per_token``. ``landed`` are phases of this run that are done. ``instructions``
    is the plan's list of files, ``None`` where the plan has none. ``digests`` spare time and change nothing.
    """

    base_commit: str
    max_tokens: int
    redactor: Redactor
    instructions: tuple[str, ...] | None = None
    forced_mode: EditMode | None = None
    landed: tuple[LandedPhase, ...] = ()
    recalled: tuple[Reminder, ...] = ()
    saw: tuple[AttemptSaw, ...] = ()
    ruled: tuple[Ruled, ...] = ()
    characters_per_token: float = CHARACTERS_PER_TOKEN
    digests: DigestStore | None = None


def gather(phase: PhaseSpec, tree: TreeReader, feedback: tuple[Feedback, ...], rules: Rules) -> PhaseContext:
    """Scope files first, then read-only ones, then the listing; what does not fit is named."""
    left = _budget(rules, feedback)
    instructions = read_instructions(tree, rules.instructions, rules.redactor, left // _INSTRUCTIONS_SHARE)
    left -= sum(len(text) for _, text in instructions)
    found = resolve(phase.scope, tree.entries.keys())
    view = View(phase, rules.redactor, rules.forced_mode, rules.digests)
    editable = show_files(found.editable, tree, view, left)
    left -= editable.characters
    read_only = show_files(found.read_only, tree, view, left)
    left -= read_only.characters
    files = (*editable.files, *read_only.files)
    unshown = (*editable.unshown, *read_only.unshown)
    return PhaseContext(
        base_commit=rules.base_commit,
        files=files,
        new_paths=found.new_paths,
        unshown=unshown[:_UNSHOWN_NAMED],
        unshown_more=max(0, len(unshown) - _UNSHOWN_NAMED),
        instructions=instructions,
        tree=listing(tree.entries.keys(), [file.path for file in found.editable], max(0, left)),
        feedback=feedback,
        excerpts=excerpts_of(
            feedback, rules.saw, (*found.editable, *found.read_only), files, Looker(tree, phase, rules.redactor, rules.max_tokens)
        ),
        forced_mode=rules.forced_mode,
        landed=rules.landed,
        recalled=rules.recalled,
        ruled=rules.ruled,
    )


def _budget(rules: Rules, feedback: tuple[Feedback, ...]) -> int:
    """Characters; half of what was too long for a model, each time it was."""
    halvings = sum(lesson.kind is FailureKind.CONTEXT_EXCEEDED for lesson in feedback)
    return int(rules.max_tokens * rules.characters_per_token) >> halvings
