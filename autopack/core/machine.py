"""Errors of the operating system that are the machine's and not Autopack's: a full disk, no access, no handles left."""

import errno
from typing import Final

_ADVICE: Final[dict[int, str]] = {
    errno.ENOSPC: "Make room on that disk",
    errno.EDQUOT: "Make room, or have the quota raised",
    errno.EROFS: "Make that file system writable",
    errno.EACCES: "Give access",
    errno.EPERM: "Give access",
    errno.EIO: "Look at that disk",
    errno.EMFILE: "Raise the limit of open files (ulimit -n)",
    errno.ENFILE: "End some programs",
    errno.ENOMEM: "Free some memory",
}


def machine_sentence(error: OSError) -> str | None:
    """What failed, where, and what to do; None for an error that only a defect explains."""
    advice = _ADVICE.get(error.errno or 0)
    if advice is None:
        return None
    where = f" ({error.filename})" if error.filename else ""
    return f"The machine refused: {error.strerror}{where}. {advice}, then resume."
