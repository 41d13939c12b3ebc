"""The two files of a report: as JSON and as text, below the records of its run, made from its row and made again where they are missing."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from autopack.core.error_report import ErrorReport
from autopack.core.errors import EnvironmentBlockedError
from autopack.reporting.error_report import as_text
from autopack.settings.own_files import RECORDS, hide_from_git, open_own

KEPT: Final = 200
"""Reports of which a folder holds the files; those of older ones are removed, their rows stay."""

OUTSIDE: Final = "-"
"""The folder of reports that belong to no run."""

_NOTE: Final = "Error report: "


def errors_folder(records: Path, run_id: str) -> Path:
    """``records`` is ``<repo>/.autonomous_runs``."""
    return records / run_id / "errors"


def make_files(directory: Path, reports: Iterable[ErrorReport]) -> None:
    """Writes what is missing of the newest reports, and removes the files of older ones. What the disk refuses waits for the next time."""
    newest = {report.name: report for report in sorted(reports, key=lambda report: report.number)[-KEPT:]}
    with suppress(OSError, EnvironmentBlockedError):
        for report in newest.values():
            if not _is_whole(directory, report):
                _write(directory, report.name, report, os.O_TRUNC)
        for path in directory.iterdir() if directory.is_dir() else ():
            if _OURS.fullmatch(path.name) and path.stem not in newest:
                path.unlink(missing_ok=True)


def write_outside(directory: Path, report: ErrorReport) -> Path | None:
    """The files of a report that has no row: the JSON one's path, None where nothing can be written there."""
    try:
        return _write_new(directory, report)
    except (OSError, EnvironmentBlockedError):
        return None


def read_reports(directory: Path) -> tuple[ErrorReport, ...]:
    """The reports of which a folder holds the JSON files, oldest first; what is none is passed over."""
    found = []
    for path in sorted(directory.glob("*.json"), key=lambda path: (path.name[:_STAMP], len(path.name), path.name)):
        with suppress(OSError, ValueError):
            found.append(ErrorReport.model_validate_json(path.read_text("utf-8")))
    return tuple(found)


def note_place(error: BaseException, path: Path) -> None:
    """Tells whoever catches the error that its report is written, and where."""
    error.add_note(f"{_NOTE}{path}")


def place_of(error: BaseException) -> Path | None:
    """Where the report of this error lies, if one was written."""
    notes = [note for note in getattr(error, "__notes__", []) if note.startswith(_NOTE)]
    return Path(notes[-1].removeprefix(_NOTE)) if notes else None


def message_in(path: Path) -> str:
    """The error's own words as a report that was written quotes them."""
    try:
        return ErrorReport.model_validate_json(path.read_text("utf-8")).message
    except (OSError, ValueError):
        return "its words stand in the report"


_OURS: Final = re.compile(r"\d{8}_\d{6}_[a-z]+_[A-Za-z0-9-]+\.(?:json|txt)")
_STAMP: Final = len("20261130_031500")


def _write_new(directory: Path, report: ErrorReport) -> Path:
    for number in count(1):
        name = report.stem if number == 1 else f"{report.stem}-{number}"
        try:
            path = _write(directory, name, report.model_copy(update={"name": name}), os.O_EXCL)
            break
        except FileExistsError:
            continue
    for old in sorted(directory.glob("*.json"))[:-KEPT]:
        for file in (old, old.with_suffix(".txt")):
            file.unlink(missing_ok=True)
    return path


def _write(directory: Path, name: str, report: ErrorReport, flag: int) -> Path:
    hidden = next((parent for parent in directory.parents if parent.name == RECORDS), None)
    if hidden is not None:
        hide_from_git(hidden)
    path, text = directory / f"{name}.json", directory / f"{name}.txt"
    descriptor = open_own(path, flag)
    try:
        _put(open_own(text, os.O_TRUNC), as_text(report).encode("utf-8", "backslashreplace"))
        _put(descriptor, as_json(report))
    except OSError:  # half a report tells nobody anything
        path.unlink(missing_ok=True)
        text.unlink(missing_ok=True)
        raise
    return path


def _is_whole(directory: Path, report: ErrorReport) -> bool:
    """Whether both files stand there; a process that died may have left half of one, and the text is written before the JSON."""
    try:
        return (directory / f"{report.name}.txt").is_file() and (directory / f"{report.name}.json").read_bytes() == as_json(report)
    except OSError:
        return False


def as_json(report: ErrorReport) -> bytes:
    return (report.model_dump_json(indent=2) + "\n").encode("utf-8", "backslashreplace")


def _put(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
