"""A file system of a few megabytes, and what takes all the room in it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own; the test is skipped where this user may not mount one."""
    place.mkdir(exist_ok=True)
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "autopack-test", str(place)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no file system can be mounted here: there is no mount")
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(filler: Path, leave: int = 0) -> None:
    """Takes all the room there is, to the last byte, and gives ``leave`` of it back."""
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 9, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
        file.truncate(filler.stat().st_size - leave)
