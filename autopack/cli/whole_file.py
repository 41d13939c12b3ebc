"""Writes a file that a person asked for: a whole one, or none."""

import os
from collections.abc import Iterable
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.worktree.folder_flush import flush_folder


def write_whole(output: Path, parts: Iterable[str], what: str) -> int:
    """Counts the parts. Only a whole file replaces one that is there already; raises UserError where it cannot be written."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder; name a file.")
    draft = output.with_name(f".{output.name}.part")
    try:
        with draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            count = sum(1 for part in parts if file.write(part))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(output)
        flush_folder(output.parent)
    except OSError as error:
        raise EnvironmentBlockedError(f"{output}: {what} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return count
