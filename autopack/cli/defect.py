"""Tells a person of a defect in one line, and where its report lies."""

import shlex
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from autopack.cli.from_here import repo_of
from autopack.cli.printable import one_line
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.redaction import Redactor
from autopack.reporting.error_files import OUTSIDE, errors_folder, message_in, place_of, write_outside
from autopack.reporting.error_report import Circumstances, report_of
from autopack.settings.environment import process_environment
from autopack.settings.key_variables import suspected_values
from autopack.settings.own_files import RECORDS
from autopack.settings.paths import user_state_dir

_SAID = 300


def report_defect(error: Exception, words: Sequence[str]) -> str:
    """The line for stderr; the report is written now, unless whoever raised the error, and knew more secrets, wrote one."""
    path = place_of(error)
    if path is not None:
        return _line(f"{type(error).__name__}: {message_in(path)}", path)
    environment, top = process_environment(), _top(repo_of(words))
    redactor = Redactor(suspected_values(environment, top))
    circumstances = Circumstances("defect", request=shlex.join(("autopack", *words)))
    path = write_outside(_directory(top, environment), report_of(error, circumstances, redactor, time.time()))
    return _line(redactor.redact(f"{type(error).__name__}: {error}"), path)


def _line(said: str, path: Path | None) -> str:
    place = f"the report is {path}" if path else "no report could be written"
    return f"autopack: this is a defect of Autopack: {one_line(said, _SAID)}; {place}."


def _directory(top: Path | None, environment: Mapping[str, str]) -> Path:
    """Below the repository's records, or in the user's state directory outside of one, or for want of that where temporary files lie."""
    if top:
        return errors_folder(top / RECORDS, OUTSIDE)
    try:
        return errors_folder(user_state_dir(environment), OUTSIDE)
    except EnvironmentBlockedError:
        return Path(tempfile.gettempdir()) / "autopack" / "errors"


def _top(start: Path) -> Path | None:
    """The checkout that a directory lies in, found without git, which may be what failed."""
    try:
        start = start.resolve()
        return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    except OSError:
        return None
