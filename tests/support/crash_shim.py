"""The preloaded library of a trial: built, told what to do in a control file, read back as a list of calls."""

import ctypes
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[1] / "crash" / "shim.c"
_LAYOUT: Final = struct.Struct("@QQiiiiiIQi")


class Act(IntEnum):
    KILL = 0
    TORN = 1
    ERRNO = 2


class Target(IntEnum):
    GROUP = 0
    """The whole tree: from that instant nothing of it changes anything."""
    MAIN = 1
    """The started process; its children live on."""
    SELF = 2
    """The process that made the call; the others live on."""


class Kind(IntFlag):
    WRITE = 1
    FSYNC = 2
    RENAME = 4
    UNLINK = 8
    LINK = 16
    MKDIR = 32
    OPEN = 64
    TRUNC = 128
    NET = 256
    EXEC = 512


STEADY: Final = reduce(or_, (kind for kind in Kind if kind is not Kind.NET))
"""What the same run does the same number of times; how often it reads from a socket depends on the moment."""
FILLING: Final = Kind.WRITE | Kind.MKDIR | Kind.OPEN | Kind.LINK | Kind.TRUNC
"""What a full disk refuses."""


@dataclass(frozen=True)
class Injury:
    """What befalls the call numbered ``at`` among those of ``kinds``; 0 is no call."""

    at: int = 0
    act: Act = Act.KILL
    target: Target = Target.GROUP
    error: int = 0
    is_sticky: bool = False
    kinds: Kind = field(default=STEADY)


@dataclass(frozen=True)
class Made:
    """One counted call; ``old`` is the first name of a rename or a link. Paths are absolute."""

    number: int
    pid: int
    kind: Kind
    path: str
    old: str = ""


def why_not() -> str | None:
    """The reason why nothing can be injected here."""
    if sys.platform != "linux":
        return "calls are intercepted by a library preloaded on Linux"
    return None if shutil.which("cc") else "there is no C compiler (cc)"


def build(folder: Path) -> Path:
    library = folder / "crash_shim.so"
    subprocess.run(["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return library


def arm(control: Path, injury: Injury, spared: Path) -> None:
    """A new control file at the same path: processes of an earlier start go on counting in theirs."""
    log_of(control).unlink(missing_ok=True)
    draft = control.with_suffix(".part")
    fields = (0, injury.at, injury.act, injury.target, injury.error, injury.is_sticky, 0, injury.kinds, spared.stat().st_ino, 0)
    draft.write_bytes(_LAYOUT.pack(*fields))
    draft.replace(control)


def attach(library: Path, control: Path) -> None:
    """For a process that was forked: counts from now on, as the one that was started."""
    ctypes.CDLL(str(library)).crash_attach(str(control).encode())


def log_of(control: Path) -> Path:
    return Path(f"{control}.log")


def calls(control: Path) -> list[Made]:
    """Every counted call of the last start, in order."""
    log = log_of(control)
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    parts = [line.split(" ", 3) for line in lines]
    found = ((int(n), int(pid), Kind[kind.upper()], *reversed(path.split("\t", 1))) for n, pid, kind, path in parts)
    return sorted((Made(*fields) for fields in found), key=lambda made: made.number)
