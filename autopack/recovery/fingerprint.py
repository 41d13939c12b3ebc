"""Whether two failures are the same one, and whether the later one is a step forward."""

from dataclasses import dataclass
from typing import Final

from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.models_settings import ReplanSettings
from autopack.core.remedy import Fix


@dataclass(frozen=True)
class FailedAttempt:
    """What is known of one.

    ``failing`` are ids of tests, ``fatal`` is the auditor's word that the whole approach is wrong, ``models`` those that built it,
    ``fix`` what came of commands after it.
    """

    lesson: Feedback
    failing: frozenset[str] = frozenset()
    fatal: str | None = None
    models: tuple[str, ...] = ()
    fix: Fix | None = None


_STAGES: Final = {
    FailureKind.DERIVE_FAILED: 1,
    FailureKind.CHECKS_RED: 1,
    FailureKind.CHECK_TIMEOUT: 1,
    FailureKind.NO_TESTS: 1,
    FailureKind.NOT_RED: 1,
    FailureKind.FLAKY: 1,
    FailureKind.CHECK_UNUSABLE: 1,
    FailureKind.TESTS_WEAKENED: 2,
    FailureKind.AUDIT_REJECTED: 2,
    FailureKind.AUDIT_UNREADABLE: 2,
    FailureKind.CRITERION_WRONG: 2,
    FailureKind.RISK_TOO_HIGH: 3,
    FailureKind.CONFLICT: 3,
    FailureKind.REVIEW_REJECTED: 3,
}
"""How far an attempt came: 0 nothing could be applied, 1 applied, 2 its checks were green, 3 the auditor was for it."""


def are_alike(one: Feedback, other: Feedback, settings: ReplanSettings) -> bool:
    """Failures of one kind and fault; with ``message_similarity_enabled`` also of nearly one message."""
    if one.kind is not other.kind or one.fault != other.fault:
        return False
    if not settings.message_similarity_enabled:
        return True
    first, second = fingerprint(one.message), fingerprint(other.message)
    return are_near(first, second, settings.similarity_threshold, settings.min_message_length)


def is_progress(before: FailedAttempt, after: FailedAttempt) -> bool:
    """It came further on the line, or as far with fewer failing tests."""
    first, second = stage(before.lesson.kind), stage(after.lesson.kind)
    return second > first or (second == first and 0 < len(after.failing) < len(before.failing))


def stage(kind: FailureKind) -> int:
    return _STAGES.get(kind, 0)
