"""In which form the next attempt is asked for: a form that failed gives way to another."""

from typing import Final

from autopack.core.context import EditMode, Feedback
from autopack.core.failure import FailureKind

_REFUSED: Final = frozenset({FailureKind.EDIT_REFUSED, FailureKind.SYNTAX, FailureKind.GUARD, FailureKind.REPLY_MALFORMED})
_REFUSALS: Final = 2
_UNJUDGED: Final = frozenset(
    {FailureKind.PROVIDER, FailureKind.REPLY_REFUSED, FailureKind.CONTEXT_EXCEEDED, FailureKind.NO_CHANGE, FailureKind.SCOPE_VIOLATION}
)


def next_mode(history: tuple[Feedback, ...], *, is_small: bool) -> EditMode | None:
    """The mode that the failures so far force; None leaves each file the mode of its size.

    A cut reply, or a whole-file reply that could not be read, asks for structured edits. Two refusals in one mode ask for another one.

    Args:
        history: the failures of the phase, oldest first, each with the mode it was asked for.
        is_small: whether whole files may be asked for at all (``PhaseContext.is_small`` of an attempt).
    """
    forced: EditMode | None = None
    refusals = 0
    was_cut = False
    for lesson in history:
        mode = forced or lesson.mode or "full_file"
        was_cut = was_cut or lesson.kind is FailureKind.REPLY_CUT
        if lesson.kind is FailureKind.REPLY_CUT or (lesson.kind is FailureKind.REPLY_MALFORMED and mode == "full_file"):
            forced, refusals = "structured_edit", 0
        elif lesson.kind in _REFUSED:
            refusals += 1
            if refusals == _REFUSALS:
                forced, refusals = other_mode(mode, whole_files=is_small and not was_cut), 0
        elif lesson.kind not in _UNJUDGED:
            refusals = 0
    return forced


def wants_higher_cap(history: tuple[Feedback, ...]) -> bool:
    """Whether a reply was cut, so that the next one is given more room."""
    return any(lesson.kind is FailureKind.REPLY_CUT for lesson in history)


def other_mode(mode: EditMode, *, whole_files: bool) -> EditMode:
    """Another form than the one that failed; ``whole_files``: whether those may be asked for."""
    if mode != "structured_edit":
        return "structured_edit"
    return "full_file" if whole_files else "diff"
