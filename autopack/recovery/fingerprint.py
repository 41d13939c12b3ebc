"""Whether two failures are the same one, and whether the later one is a step forward."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from autopack.core.context import Feedback
from autopack.core.failure import FailureKind
from autopack.core.remedy import Fix
from autopack.core.settings import ReplanSettings

_QUOTED: Final = r"`[^`\n]*`|\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)|[\u2018\u201c\u00ab][^\u2019\u201d\u00bb\n]*[\u2019\u201d\u00bb]"
_ID: Final = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_TIME: Final = r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?\b"
_PATH: Final = r"(?:[\w.@~+-]*[/\\])+[\w.@~+-]*|\b[\w-]+\.[a-z]\w{0,4}\b"
_HEX: Final = r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{7,}\b"
_NUMBER: Final = r"\d+(?:[.,]\d+)*"
_CHANGING: Final = re.compile(f"{_QUOTED}|{_ID}|{_TIME}|{_PATH}|{_HEX}|{_NUMBER}", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s+")
_COMPARED: Final = 2000
"""Characters of a fingerprint that are compared; `difflib` takes the square of them."""


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
    FailureKind.CONFLICT: 3,
    FailureKind.REVIEW_REJECTED: 3,
}
"""How far an attempt came: 0 nothing could be applied, 1 applied, 2 its checks were green, 3 the auditor was for it."""


def fingerprint(message: str) -> str:
    """The message without what changes from one time to the next: quotes, ids, times, paths, hex, numbers."""
    return _SPACE.sub(" ", _CHANGING.sub("*", message)).strip().casefold()


def are_alike(one: Feedback, other: Feedback, settings: ReplanSettings) -> bool:
    """Failures of one kind; with ``message_similarity_enabled`` also of nearly one message."""
    if one.kind is not other.kind:
        return False
    if not settings.message_similarity_enabled:
        return True
    first, second = sorted((fingerprint(one.message), fingerprint(other.message)))
    if first == second or min(len(first), len(second)) < settings.min_message_length:
        return first == second
    return _ratio(first[:_COMPARED], second[:_COMPARED]) >= settings.similarity_threshold


def is_progress(before: FailedAttempt, after: FailedAttempt) -> bool:
    """It came further on the line, or as far with fewer failing tests."""
    first, second = stage(before.lesson.kind), stage(after.lesson.kind)
    return second > first or (second == first and 0 < len(after.failing) < len(before.failing))


def stage(kind: FailureKind) -> int:
    return _STAGES.get(kind, 0)


@lru_cache(maxsize=64)
def _ratio(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
