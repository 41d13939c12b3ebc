"""What the builder is shown of the repository, and what it was told after failed attempts."""

from typing import Literal

from autopack.core.failure import FailureKind
from autopack.core.model import Frozen

EditMode = Literal["full_file", "diff", "structured_edit"]


class FileShown(Frozen):
    """A file of the scope as the prompt shows it.

    ``lines`` are the shown stretches (first line, text); one stretch from line 1 over everything is the whole file.
    ``outline`` lists (line, symbol) of what is left out; ``note`` says why something is not shown.
    """

    path: str
    mode: EditMode
    total_lines: int
    stretches: tuple[tuple[int, str], ...] = ()
    outline: tuple[tuple[int, str], ...] = ()
    is_read_only: bool = False
    is_redacted: bool = False
    note: str | None = None

    @property
    def is_whole(self) -> bool:
        return len(self.stretches) == 1 and self.stretches[0][0] == 1 and not self.outline and self.note is None


class Feedback(Frozen):
    """What one failed attempt taught, in the words that the next attempt reads."""

    attempt: int
    kind: FailureKind
    message: str
    evidence: str = ""
    mode: EditMode | None = None


class PhaseContext(Frozen):
    """Everything the builder's prompt is made from, besides the phase itself."""

    base_commit: str
    files: tuple[FileShown, ...] = ()
    new_paths: tuple[str, ...] = ()
    instructions: tuple[tuple[str, str], ...] = ()
    tree: tuple[str, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    forced_mode: EditMode | None = None
