"""Reports of what went wrong inside Autopack: one error as JSON and as text, with the stack, harmless locals and versions, redacted."""

import os
import platform
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from autopack import __version__
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.model import Frozen
from autopack.core.redaction import Redactor
from autopack.core.visible import hanging, spelled
from autopack.settings.own_files import RECORDS, hide_from_git, open_own

TEXT_MAX: Final = 100_000
FRAMES_MAX: Final = 60
LOCAL_MAX: Final = 200
SAFE_TEXTS: Final = frozenset(
    {
        *("run_id", "phase_id", "phase", "attempt", "ordinal", "role", "kind", "state", "event", "action", "status", "step", "mode"),
        *("name", "path", "source", "target", "branch", "ref", "commit", "base", "tree", "head", "model", "provider", "variable"),
    }
)
"""Locals whose text is shown; numbers and truth values are shown under any name that does not sound secret."""

_SECRET_NAME: Final = re.compile(r"key|token|secret|passw|credential|auth|cookie|pin\b", re.IGNORECASE)
_NOTE: Final = "Error report: "


class Frame(Frozen):
    """``code`` is the line that was running; ``locals`` holds only what the allow-list lets through."""

    file: str
    line: int
    function: str
    code: str
    locals: dict[str, str | int | bool]


class ErrorReport(Frozen):
    """``time`` is UTC, ISO 8601; ``request`` is what was being done, such as the command line."""

    time: str
    error_type: str
    message: str
    component: str
    run_id: str | None
    phase: str | None
    attempt: int | None
    request: str | None
    traceback: str
    frames: tuple[Frame, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class Circumstances:
    """Where the report goes and what was being done. ``component`` None: the room whose code raised."""

    directory: Path
    component: str | None = None
    run_id: str | None = None
    phase: str | None = None
    attempt: int | None = None
    request: str | None = None


def write_error_report(error: BaseException, circumstances: Circumstances, redactor: Redactor, now: float) -> Path | None:
    """Writes ``<UTC time>_<component>_<ErrorType>.json`` and ``.txt`` and notes their place on the error.

    Returns:
        The JSON file; None where nothing can be written there.
    """
    report = _report(error, circumstances, redactor, now)
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d_%H%M%S")
    stem = f"{stamp}_{_file_part(report.component)}_{_file_part(report.error_type)}"
    try:
        path = _write(circumstances.directory, stem, report)
    except (OSError, EnvironmentBlockedError):
        return None
    error.add_note(f"{_NOTE}{path}")
    return path


def report_of(error: BaseException) -> Path | None:
    """Where the report of this error lies, if one was written."""
    notes = [note for note in getattr(error, "__notes__", []) if note.startswith(_NOTE)]
    return Path(notes[-1].removeprefix(_NOTE)) if notes else None


def message_in(path: Path) -> str:
    """The error's own words as a report that was written quotes them."""
    try:
        return ErrorReport.model_validate_json(path.read_text("utf-8")).message
    except (OSError, ValueError):
        return "its words stand in the report"


def as_text(report: ErrorReport) -> str:
    """The report as a person reads it."""
    head = {
        "time": report.time,
        "component": report.component,
        "run": report.run_id,
        "phase": report.phase,
        "attempt": report.attempt,
        "request": report.request,
        **report.versions,
    }
    rows = [f"{name}: {value}" for name, value in head.items() if value is not None]
    said, frames = f"{report.error_type}: {report.message}", [_frame_text(frame) for frame in report.frames]
    return "\n".join(hanging(part) for part in (said, "", *rows, "", *frames, "", report.traceback, ""))


def _report(error: BaseException, circumstances: Circumstances, redactor: Redactor, now: float) -> ErrorReport:
    frames = tuple(_frames(error.__traceback__, redactor))[-FRAMES_MAX:]
    lines = "".join(traceback.format_exception(error))

    def clean(text: str) -> str:
        return _clean(text, redactor)

    return ErrorReport(
        time=datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        error_type=type(error).__name__,
        message=clean(str(error))[:TEXT_MAX],
        component=circumstances.component or _room(frames),
        run_id=circumstances.run_id,
        phase=circumstances.phase,
        attempt=circumstances.attempt,
        request=clean(circumstances.request)[:TEXT_MAX] if circumstances.request else None,
        traceback=clean(lines)[-TEXT_MAX:],
        frames=frames,
        versions={"autopack": __version__, "python": sys.version.split()[0], "platform": platform.platform()},
    )


def _frames(trace: TracebackType | None, redactor: Redactor) -> Iterator[Frame]:
    for summary, (frame, _line) in zip(traceback.extract_tb(trace), traceback.walk_tb(trace), strict=False):
        yield Frame(
            file=_shown_file(summary.filename),
            line=summary.lineno or 0,
            function=summary.name,
            code=_clean(summary.line or "", redactor)[:LOCAL_MAX],
            locals=dict(_locals(frame, redactor)),
        )


def _locals(frame: FrameType, redactor: Redactor) -> Iterator[tuple[str, str | int | bool]]:
    for name, value in frame.f_locals.items():
        if _SECRET_NAME.search(name):
            continue
        if isinstance(value, int):
            yield name, bool(value) if isinstance(value, bool) else int(value)
        elif type(value) is str and name in SAFE_TEXTS and len(value) <= LOCAL_MAX:
            yield name, _clean(value, redactor)


def _clean(text: str, redactor: Redactor) -> str:
    """Redacted, and without halves of characters, which no file takes, and what no one sees."""
    return spelled(redactor.redact(text).encode("utf-8", "backslashreplace").decode("utf-8"))


def _shown_file(name: str) -> str:
    """From the package on: the rest of the path says nothing about the error."""
    parts = Path(name).parts
    for marker in ("site-packages", "autopack"):
        if marker in parts:
            start = len(parts) - 1 - parts[::-1].index(marker)
            return "/".join(parts[start + (marker == "site-packages") :])
    return name


def _room(frames: tuple[Frame, ...]) -> str:
    """The room of the innermost frame that is ours."""
    rooms = [frame.file.split("/")[1] for frame in frames if frame.file.startswith("autopack/")]
    return rooms[-1].removesuffix(".py") if rooms else "autopack"


def _write(directory: Path, stem: str, report: ErrorReport) -> Path:
    hidden = next((parent for parent in directory.parents if parent.name == RECORDS), None)
    if hidden is not None:
        hide_from_git(hidden)
    for number in count(1):
        path = directory / f"{stem}{'' if number == 1 else f'-{number}'}.json"
        try:
            descriptor = open_own(path, os.O_EXCL)
            break
        except FileExistsError:
            continue
    text = path.with_suffix(".txt")
    try:
        _put(descriptor, report.model_dump_json(indent=2) + "\n")
        _put(open_own(text, os.O_TRUNC), as_text(report))
    except OSError:  # half a report tells nobody anything
        path.unlink(missing_ok=True)
        text.unlink(missing_ok=True)
        raise
    return path


def _put(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)


def _frame_text(frame: Frame) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in frame.locals.items())
    return f"{frame.file}:{frame.line} in {frame.function}: {frame.code}" + (f"\n    {shown}" if shown else "")


def _file_part(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text)[:60].strip("-") or "x"
