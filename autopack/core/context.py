"""What the builder is shown of the repository, and what it was told after failed attempts."""

from typing import Final, Literal

from autopack.core.exploring import Seen
from autopack.core.failure import FailureKind, Fault
from autopack.core.memory import Recalled
from autopack.core.model import Frozen
from autopack.core.rules import Ruling

EditMode = Literal["full_file", "diff", "structured_edit"]
Why = Literal["named", "words", "imports", "failing"]
"""The plan names it, it holds the task's words, calls or is called by what does, or a failure points at it."""

FULL_FILE_LINES: Final = 500
DIFF_LINES: Final = 1000


class FileShown(Frozen):
    """A file as the prompt shows it.

    ``stretches`` are what is shown of it (first line, text); one stretch from line 1 over everything is the whole file.
    ``outline`` lists (line, symbol) of what is left out; ``note`` says why something is not shown, ``why`` why something is.
    ``is_spelled``: it holds characters that are spelled out (``⟦U+001B⟧``).
    """

    path: str
    mode: EditMode
    total_lines: int
    stretches: tuple[tuple[int, str], ...] = ()
    outline: tuple[tuple[int, str], ...] = ()
    is_read_only: bool = False
    is_redacted: bool = False
    is_spelled: bool = False
    is_whole: bool = True
    note: str | None = None
    why: Why = "named"

    @property
    def is_literal_text(self) -> bool:
        """Whether the text is shown as it is, with nothing standing for something else."""
        return not (self.is_redacted or self.is_spelled)


class Excerpt(Frozen):
    """Lines that were not shown before and that the failure of ``attempt`` points at; they are shown right after it.

    ``is_read``: its builder looked at them; they are shown right before.
    """

    attempt: int
    path: str
    first_line: int
    text: str
    is_read: bool = False


class AttemptSaw(Frozen):
    """What the builder of an attempt read by itself."""

    attempt: int
    seen: tuple[Seen, ...]


class Feedback(Frozen):
    """What one failed attempt taught, in the words that the next attempt reads.

    ``mode`` is what that attempt was asked for, ``answer`` what it answered, where that were edits; ``fault`` what its check failed of.
    """

    attempt: int
    kind: FailureKind
    message: str
    evidence: str = ""
    mode: EditMode | None = None
    answer: str = ""
    fault: Fault | None = None


class LandedPhase(Frozen):
    """A phase of this run that is done: the first line of what it asked for, and the files that it changed."""

    id: str
    asked: str
    paths: tuple[str, ...] = ()


class Reminder(Frozen):
    """What ``attempt`` was reminded of from earlier runs; it stands before what that attempt taught."""

    attempt: int
    found: tuple[Recalled, ...]


class Ruled(Frozen):
    """The rules that ``attempt`` was shown; they stand before what it was reminded of."""

    attempt: int
    ruling: Ruling


class Taught(Frozen):
    """What the attempts of a phase were shown besides its files and its failures."""

    recalled: tuple[Reminder, ...] = ()
    ruled: tuple[Ruled, ...] = ()
    saw: tuple[AttemptSaw, ...] = ()


class PhaseContext(Frozen):
    """Everything the builder's prompt is made from, besides the phase itself.

    ``unshown`` names files of the scope that did not fit, ``unshown_more`` counts those that are not even named.
    ``tree`` are the lines of the listing of the repository.
    """

    base_commit: str
    files: tuple[FileShown, ...] = ()
    new_paths: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    unshown_more: int = 0
    instructions: tuple[tuple[str, str], ...] = ()
    tree: tuple[str, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    forced_mode: EditMode | None = None
    landed: tuple[LandedPhase, ...] = ()
    recalled: tuple[Reminder, ...] = ()
    ruled: tuple[Ruled, ...] = ()

    @property
    def editable(self) -> tuple[FileShown, ...]:
        return tuple(file for file in self.files if not file.is_read_only and file.note is None)

    @property
    def main_mode(self) -> EditMode:
        """The mode most files of the scope are asked for in: what ``Feedback.mode`` records of an attempt."""
        modes = [file.mode for file in self.editable]
        return max(dict.fromkeys(modes), key=modes.count) if modes else self.forced_mode or "full_file"

    @property
    def is_small(self) -> bool:
        """Whether every file of the scope could be answered as a whole file."""
        return (
            all(file.total_lines <= FULL_FILE_LINES and file.is_whole and file.is_literal_text for file in self.editable)
            and not self.unshown
        )
