"""What went wrong once, as it is stored, written for people and printed: the single source of its JSON."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from autopack.core.failure import FailureKind
from autopack.core.model import Frozen

UNUSABLE: Final = "advice_unusable"
"""The kind of an answer of doctor or replanner that is not used."""


def type_name(kind: str) -> str:
    """What the failure of a phase is called where an exception would have the name of its class: ``ChecksRed``."""
    return "".join(part.capitalize() for part in kind.split("_"))


class Component(StrEnum):
    """Whose failure it was."""

    BUILDER = "builder"
    AUDITOR = "auditor"
    DOCTOR = "doctor"
    CHECKS = "checks"
    LLM = "llm"
    WORKTREE = "worktree"
    EXECUTOR = "executor"
    CLI = "cli"
    SERVER = "server"


class Frame(Frozen):
    """``code`` is the line that was running; ``locals`` holds only what the allow-list lets through."""

    file: str
    line: int
    function: str
    code: str
    locals: dict[str, str | int | bool]


class ErrorReport(Frozen):
    """``number`` counts the reports of a run, 0 outside of one; ``name`` is that of its two files, without their endings.

    ``time`` is UTC, ISO 8601. ``kind`` is a ``FailureKind``, a ``WireKind``, or why a start ended. ``request`` is what was being done: the
    command line, the check's commands, the end of what a model was asked. ``role`` and ``call`` (its ordinal) tell which model call it was.
    """

    number: int = 0
    name: str = ""
    time: str
    component: Component
    error_type: str
    kind: str
    message: str
    evidence: str = ""
    run_id: str | None = None
    phase: str | None = None
    attempt: int | None = None
    role: str | None = None
    call: int | None = None
    request: str | None = None
    traceback: str = ""
    frames: tuple[Frame, ...] = ()
    versions: dict[str, str]

    @property
    def is_an_end(self) -> bool:
        """Whether it tells of what ended a start: an exception, and no failure of a phase."""
        return self.role is None and self.error_type != type_name(self.kind)

    @property
    def stem(self) -> str:
        """``<UTC yyyymmdd_HHMMSS>_<component>_<ErrorType>``, which several reports may share."""
        stamp = datetime.fromisoformat(self.time).astimezone(UTC).strftime("%Y%m%d_%H%M%S")
        return f"{stamp}_{self.component}_{_NO_NAME.sub('-', self.error_type)[:60].strip('-') or 'x'}"


_NO_NAME: Final = re.compile(r"[^A-Za-z0-9-]+")


_BUILDERS: Final = (
    *(FailureKind.REPLY_CUT, FailureKind.REPLY_MALFORMED, FailureKind.REPLY_REFUSED, FailureKind.CONTEXT_EXCEEDED),
    *(FailureKind.EDIT_REFUSED, FailureKind.SCOPE_VIOLATION, FailureKind.GUARD, FailureKind.SYNTAX, FailureKind.NO_CHANGE),
    *(FailureKind.BUILDER_BLOCKED, FailureKind.SCOPE_GRANTED, FailureKind.NEEDLESS_SCOPE, FailureKind.GOAL_DRIFT),
)
_OF_CHECKS: Final = (
    *(FailureKind.DERIVE_FAILED, FailureKind.CHECKS_RED, FailureKind.CHECK_TIMEOUT, FailureKind.NO_TESTS, FailureKind.NOT_RED),
    *(FailureKind.FLAKY, FailureKind.TESTS_WEAKENED, FailureKind.ENVIRONMENT, FailureKind.CHECK_UNUSABLE),
)

_OF_THE_DOCTOR: Final = (
    *(FailureKind.REPLANNED, FailureKind.ADVISED),
    *(FailureKind.FIXED, FailureKind.FIX_FAILED, FailureKind.FIX_WITHOUT_EFFECT, FailureKind.FIX_REFUSED),
)

COMPONENTS: Final[dict[FailureKind, Component]] = {
    **dict.fromkeys(_BUILDERS, Component.BUILDER),
    **dict.fromkeys(_OF_CHECKS, Component.CHECKS),
    **dict.fromkeys((FailureKind.AUDIT_REJECTED, FailureKind.AUDIT_UNREADABLE, FailureKind.CRITERION_WRONG), Component.AUDITOR),
    FailureKind.RISK_TOO_HIGH: Component.BUILDER,
    **dict.fromkeys(_OF_THE_DOCTOR, Component.DOCTOR),
    **dict.fromkeys((FailureKind.HINT, FailureKind.REVIEW_REJECTED), Component.EXECUTOR),
    FailureKind.CONFLICT: Component.WORKTREE,
    FailureKind.PROVIDER: Component.LLM,
}
"""Whose failure an attempt's is."""
