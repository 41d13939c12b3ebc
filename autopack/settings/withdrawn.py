"""Variables taken out of the environment: no child inherits them, and no other process reads them in ``/proc``."""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

_ENV_START, _ENV_END = 47, 48
"""Where ``/proc/self/stat`` says, counted behind the program's name, in which memory the first environment lies."""

_TAKEN: Final[dict[str, str]] = {}
"""The one state of a module: libraries hand ``os.environ`` on by themselves, so what they must not have needs another place."""


def withdraw(names: Collection[str]) -> None:
    taken = {name: os.environ.pop(name) for name in names if name in os.environ}
    _TAKEN.update(taken)
    if taken:
        with suppress(OSError, ValueError, IndexError):  # no /proc, or a system that lets no process write its own memory there
            _wipe({os.fsencode(name) for name in taken})


def withdrawn() -> Mapping[str, str]:
    return _TAKEN


def _wipe(names: Collection[bytes]) -> None:
    """Overwrites the entries where ``/proc/<pid>/environ`` shows them; nothing points there once they are unset."""
    fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
    start, end = int(fields[_ENV_START]), int(fields[_ENV_END])
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(start)
        place = start
        for entry in memory.read(end - start).split(b"\0"):
            if entry.partition(b"=")[0] in names:
                memory.seek(place)
                memory.write(b"\0" * len(entry))
            place += len(entry) + 1
