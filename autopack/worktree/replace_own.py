"""Puts a new text at one of our own paths in a checkout: all of it or, whatever ends the process meanwhile, the file as it was."""

import os
import stat
from pathlib import Path

from autopack.settings.own_files import open_own
from autopack.worktree.folder_flush import flush_folder


def replace_own(path: Path, text: str) -> None:
    """A file that is there keeps its permissions. Flushed, with its folder. Raises as ``open_own``."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with os.fdopen(open_own(draft, os.O_TRUNC), "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            if path.is_file():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    flush_folder(path.parent)
