"""Errors of the operating system that are the machine's and not Autopack's: a full disk, no access, no handles left."""

import errno
from collections.abc import Callable
from typing import Final, TypeVar

_MEMORY: Final = "Free some memory, or raise the limits (ulimit -v, ulimit -u)"
_ADVICE: Final[dict[int, str]] = {
    errno.ENOSPC: "Make room on that disk",
    errno.EDQUOT: "Make room, or have the quota raised",
    errno.EROFS: "Make that file system writable",
    errno.EACCES: "Give access",
    errno.EPERM: "Give access",
    errno.EIO: "Look at that disk",
    errno.EMFILE: "Raise the limit of open files (ulimit -n)",
    errno.ENFILE: "End some programs",
    errno.ENOMEM: _MEMORY,
}


_NO_ROOM: Final = (
    "can't start new thread",
    "failed to map segment",
    "cannot allocate memory",
    "cannot apply additional memory protection",
    "error return without exception set",
    "without setting an exception",
)
"""How a limit on memory or processes (``ulimit -v``, ``ulimit -u``) shows in errors that have no number."""


Made = TypeVar("Made")


def twice(work: Callable[[], Made], refusal: type[Exception]) -> Made:
    """Does it once more where that is raised: what a disk refuses once it may take the next time."""
    try:
        return work()
    except refusal:
        return work()


def machine_sentence(error: BaseException) -> str | None:
    """What failed, where, and what to do; None for an error that only a defect explains."""
    if isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ImportError, SystemError)) and any(word in str(error).lower() for word in _NO_ROOM)
    ):
        said = str(error) or "no memory is left for this process"
        return f"The machine refused: {said}. {_MEMORY}, then resume."
    advice = _ADVICE.get(error.errno or 0) if isinstance(error, OSError) else None
    if advice is None or not isinstance(error, OSError):
        return None
    where = f" ({error.filename})" if error.filename else ""
    return f"The machine refused: {error.strerror}{where}. {advice}, then resume."
