"""What a person is told of a defect: where its report lies, in one line."""

import shlex
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.redaction import Redactor
from autopack.reporting.error_report import Circumstances, report_of, write_error_report
from autopack.settings.environment import process_environment
from autopack.settings.paths import user_state_dir

_SECRET_ENDS: Final = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIALS")


def report_defect(error: Exception, words: Sequence[str]) -> str:
    """The line for stderr; the report is written now, unless whoever raised the error wrote one."""
    environment = process_environment()
    redactor = Redactor(value for name, value in environment.items() if name.upper().endswith(_SECRET_ENDS))
    path = report_of(error)
    if path is None:
        circumstances = Circumstances(_directory(words, environment), request=shlex.join(("autopack", *words)))
        path = write_error_report(error, circumstances, redactor, time.time())
    said = " ".join(redactor.redact(f"{type(error).__name__}: {error}").split())[:300]
    place = f"the report is {path}" if path else "no report could be written"
    return f"autopack: this is a defect of Autopack: {said}; {place}."


def _directory(words: Sequence[str], environment: Mapping[str, str]) -> Path:
    """Below the repository's records, or in the user's state directory outside of one, or for want of that where temporary files lie."""
    top = _top(_named(words) or Path())
    if top:
        return top / ".autonomous_runs" / "-" / "errors"
    try:
        return user_state_dir(environment) / "-" / "errors"
    except EnvironmentBlockedError:
        return Path(tempfile.gettempdir()) / "autopack" / "errors"


def _named(words: Sequence[str]) -> Path | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--repo" and following:
            return Path(following)
        if word.startswith("--repo="):
            return Path(word.removeprefix("--repo="))
    return None


def _top(start: Path) -> Path | None:
    """The checkout that a directory lies in, found without git, which may be what failed."""
    try:
        start = start.resolve()
        return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)
    except OSError:
        return None
