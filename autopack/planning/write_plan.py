"""Puts a plan's text where a person wants it: into a new file, or in place of the one it was made from."""

import os
import tempfile
from pathlib import Path

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.planning.plan_file import PlanSource
from autopack.planning.starter import write_new
from autopack.settings.own_files import judge_way


def write_new_plan(path: Path, text: str) -> None:
    """Writes the plan where nothing is.

    Raises:
        UsageError: something of that name is there already; it stays as it is.
        EnvironmentBlockedError: the file cannot be written.
    """
    if not write_new(path, text):
        raise UsageError(f"{path} is there already and was not touched. Name another file with `-o`, or remove it.")


def replace_plan(source: PlanSource, text: str) -> None:
    """The file holds the old text or the new one, at every instant, in the mode it had.

    Raises:
        EnvironmentBlockedError: it cannot be written, or changed since it was read.
    """
    path = Path(source.path)
    judge_way(path)
    path = path.resolve()
    if PlanSource.reread(str(path)) != PlanSource(str(path), source.text, str(path)):
        raise EnvironmentBlockedError(f"{source.name} changed while it was read; nothing was written. Type the command again.")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode("utf-8"))
                os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EnvironmentBlockedError(f"{source.name} cannot be written: {error.strerror}.") from error
