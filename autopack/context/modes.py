"""In which form a file's change is asked for: by size, unless the plan, the ladder or the way it is shown decides."""

from typing import Final

from autopack.core.context import DIFF_LINES, FULL_FILE_LINES, EditMode
from autopack.core.plan import PhaseSpec

MANY_FILES: Final = 30


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
