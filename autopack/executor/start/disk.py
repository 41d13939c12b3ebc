"""Looks for room on the disks that a run writes to, at the start, before anything is made."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError

_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def require_room(places: Mapping[str, Path], needed_bytes: int) -> None:
    """Looks at the file system of each place, which need not exist yet. A file system that does not know its size passes.

    Args:
        places: what will lie there, as the sentence names it, and where.
        needed_bytes: to be free on each of the file systems; 0 looks at none.

    Raises:
        EnvironmentBlockedError: less is free.
    """
    for what, place in places.items() if needed_bytes else ():
        try:
            usage = shutil.disk_usage(_nearest(place))
        except OSError as error:
            raise EnvironmentBlockedError(f"{place}: cannot see how much room there is for {what} ({error.strerror}).") from error
        if usage.total and usage.free < needed_bytes:
            raise EnvironmentBlockedError(
                f"{place} has too little room for {what}: {size(usage.free)} are free on its file system, {size(needed_bytes)} are needed "
                "(workspace.min_free_bytes). Make room there, then give the same command again."
            )


def size(number: int) -> str:
    """``500 MB``, ``1.5 GB``, ``12 bytes``: rounded down, so that too little never reads like enough."""
    for unit, name in _UNITS:
        if number >= unit:
            return f"{number * 10 // unit / 10:g} {name}"
    return f"{number} bytes"


def _nearest(place: Path) -> Path:
    """The place, or the folder it will be made in."""
    return next((folder for folder in (place, *place.parents) if folder.exists()), place)
