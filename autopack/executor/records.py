"""Records for people: ``<repo>/.autonomous_runs/<run-id>``, which git never sees."""

from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError


def records_folder(records: Path, run_id: str) -> Path:
    """Makes the folder, with a ``.gitignore`` of its own above it."""
    folder = records / run_id
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = records / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError as error:
        raise EnvironmentBlockedError(f"{folder}: the run's records cannot be written: {error.strerror}.") from error
    return folder
