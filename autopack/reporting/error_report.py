"""Makes the report of an error: what was said, the stack with harmless locals, versions, what was being done; redacted and bounded."""

import platform
import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

from autopack import __version__
from autopack.core.error_report import Component, ErrorReport, Frame
from autopack.core.errors import AttemptFailed
from autopack.core.redaction import Redactor
from autopack.core.visible import hanging, spelled

TEXT_MAX: Final = 20_000
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
_ROOMS: Final = {
    "llm": Component.LLM,
    "worktree": Component.WORKTREE,
    "checks": Component.CHECKS,
    "cli": Component.CLI,
    "dashboard": Component.SERVER,
}
"""Rooms that are components; what goes wrong in any other is the executor's."""


@dataclass(frozen=True)
class Circumstances:
    """What was being done. ``component`` None: that of the room whose code raised; ``error_type`` empty: the exception's own name."""

    kind: str
    component: Component | None = None
    error_type: str = ""
    run_id: str | None = None
    phase: str | None = None
    attempt: int | None = None
    role: str | None = None
    call: int | None = None
    request: str | None = None


def report_of(error: BaseException, circumstances: Circumstances, redactor: Redactor, now: float) -> ErrorReport:
    """``now`` is UTC, in epoch seconds."""

    def clean(text: str) -> str:
        return _clean(text, redactor)

    frames = tuple(_frames(error.__traceback__, redactor))[-FRAMES_MAX:]
    lines = "".join(traceback.format_exception(error)) if error.__traceback__ else ""
    told = circumstances
    return ErrorReport(
        time=datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        component=told.component or _component(frames),
        error_type=told.error_type or type(error).__name__,
        kind=told.kind,
        message=clean(str(error))[:TEXT_MAX],
        evidence=clean(error.evidence)[:TEXT_MAX] if isinstance(error, AttemptFailed) else "",
        run_id=told.run_id,
        phase=told.phase,
        attempt=told.attempt,
        role=told.role,
        call=told.call,
        request=clean(told.request)[:TEXT_MAX] if told.request else None,
        traceback=clean(lines)[-TEXT_MAX:],
        frames=frames,
        versions={"autopack": __version__, "python": sys.version.split()[0], "platform": platform.platform()},
    )


def as_text(report: ErrorReport) -> str:
    """The report as a person reads it."""
    call = f"{report.role} {report.call}" if report.role and report.call else report.role
    head = {
        "time": report.time,
        "component": report.component,
        "kind": report.kind,
        "run": report.run_id,
        "phase": report.phase,
        "attempt": report.attempt,
        "call": call,
        "request": report.request,
        **report.versions,
    }
    rows = [f"{name}: {value}" for name, value in head.items() if value is not None]
    said, frames = f"{report.error_type}: {report.message}", [_frame_text(frame) for frame in report.frames]
    evidence = ("", report.evidence) if report.evidence else ()
    return "\n".join(hanging(part) for part in (said, "", *rows, *evidence, "", *frames, "", report.traceback, ""))


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


def _component(frames: tuple[Frame, ...]) -> Component:
    """That of the innermost frame that is ours."""
    rooms = [frame.file.split("/")[1] for frame in frames if frame.file.startswith("autopack/")]
    return _ROOMS.get(rooms[-1].removesuffix(".py"), Component.EXECUTOR) if rooms else Component.EXECUTOR


def _frame_text(frame: Frame) -> str:
    shown = ", ".join(f"{name}={value!r}" for name, value in frame.locals.items())
    return f"{frame.file}:{frame.line} in {frame.function}: {frame.code}" + (f"\n    {shown}" if shown else "")
