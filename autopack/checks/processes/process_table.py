"""Lists the machine's processes: reads ``/proc`` on Linux, asks psutil on other systems."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from autopack.checks.processes.command import Child

_PROC: Final = Path("/proc")
_STATE, _PPID, _PGID, _SID, _STARTED, _RSS = 0, 1, 2, 3, 19, 21
_READ_BYTES_MAX: Final = 1_000_000
_EXEC_PATIENCE_S: Final = 0.2
_EXEC_STEP_S: Final = 0.0005


@dataclass(frozen=True)
class Proc:
    """A process, told from a later one with the same number by ``started``, in seconds since boot or epoch."""

    pid: int
    started: float


@dataclass(frozen=True)
class Row:
    """``resident_bytes`` counts shared memory in every process that shares it."""

    proc: Proc
    parent: int
    group: int
    session: int
    is_alive: bool
    resident_bytes: int = 0


def processes() -> tuple[Row, ...]:
    """Every process that can be seen, zombies included."""
    return _linux_rows() if is_linux() else _psutil_rows()


def is_linux() -> bool:
    return sys.platform == "linux"


def find(pid: int) -> Row | None:
    """The process with that number, whoever it is now."""
    if is_linux():
        return _linux_row(str(pid))
    return _psutil_row(pid)


def boot_id() -> str:
    """An id that changes with every boot, so that nobody trusts process ids from before it."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        import psutil

        return str(int(psutil.boot_time()))


def child(pid: int) -> Child:
    """Names a process that was just started by this one."""
    row = find(pid)
    return Child(pid, row.proc.started if row else 0.0, boot_id())


def holds(proc: Proc, entry: bytes) -> bool:
    """Whether ``NAME=value`` stands in the environment the process was started with; False where it may not be read."""
    return entry in _environment(proc)


def environment_value(proc: Proc, name: bytes) -> bytes | None:
    """The value of one variable of the environment the process was started with."""
    return next((entry[len(name) + 1 :] for entry in _environment(proc) if entry.startswith(name + b"=")), None)


def own_bytes(proc: Proc) -> int | None:
    """The process's memory, shared pages divided among the processes that share them; None where it cannot be read."""
    lines = _read(proc, "smaps_rollup").splitlines()
    found = next((line.split()[1] for line in lines if line.startswith(b"Pss:")), None)
    return int(found) * 1024 if found else None


def has_open(proc: Proc, target: str) -> bool:
    """Whether the process has the file open that ``/proc`` calls ``target``, e.g. ``pipe:[123]`` (Linux only)."""
    try:
        with os.scandir(_PROC / str(proc.pid) / "fd") as entries:
            return any(_link(entry.path) == target for entry in entries)
    except OSError:
        return False


def pidfd(pid: int) -> int | None:
    """A descriptor that keeps naming this process when its number is used again; None where the system has none."""
    try:
        return os.pidfd_open(pid) if is_linux() else None
    except OSError:
        return None


def send(proc: Proc, number: signal.Signals) -> None:
    """Signals exactly this process, and no other one that got its number."""
    descriptor = pidfd(proc.pid)
    try:
        row = find(proc.pid)
        if row is None or row.proc != proc:
            return
        if descriptor is None:
            os.kill(proc.pid, number)
        else:
            signal.pidfd_send_signal(descriptor, number)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _link(path: str) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - called for every descriptor of a process; a Path each is slow
    except OSError:
        return ""


def _linux_rows() -> tuple[Row, ...]:
    found = (_linux_row(name) for name in os.listdir(_PROC) if name.isdigit())  # noqa: PTH208 - thrice as fast, names are all it takes
    return tuple(row for row in found if row is not None)


def _linux_row(pid: str) -> Row | None:
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.read(descriptor, 4096)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    fields = data[data.rindex(b")") + 2 :].split()
    proc = Proc(int(pid), int(fields[_STARTED]) / _ticks_per_second())
    is_alive, resident = fields[_STATE] not in (b"Z", b"X"), int(fields[_RSS]) * _page_bytes()
    return Row(proc, int(fields[_PPID]), int(fields[_PGID]), int(fields[_SID]), is_alive, resident)


@lru_cache(maxsize=1)
def _page_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE")


@lru_cache(maxsize=1)
def machine_memory_bytes() -> int:
    """The memory of the machine, or of the container that this process runs in."""
    own = os.sysconf("SC_PHYS_PAGES") * _page_bytes()
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            word = Path(name).read_text("ascii").strip()
        except OSError:
            continue
        if word.isdecimal():
            own = min(own, int(word))
    return own


@lru_cache(maxsize=1)
def _ticks_per_second() -> int:
    return os.sysconf("SC_CLK_TCK")


def _psutil_rows() -> tuple[Row, ...]:
    import psutil

    return tuple(row for pid in psutil.pids() if (row := _psutil_row(pid)) is not None)


def _psutil_row(pid: int) -> Row | None:
    import psutil

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            proc = Proc(pid, process.create_time())
            is_alive = process.status() != psutil.STATUS_ZOMBIE
            return Row(proc, process.ppid() or 0, os.getpgid(pid), os.getsid(pid), is_alive, process.memory_info().rss)
    except (psutil.Error, OSError):
        return None


def _environment(proc: Proc) -> list[bytes]:
    if not is_linux():
        return _psutil_environment(proc)
    give_up = time.monotonic() + _EXEC_PATIENCE_S
    while not (data := _read(proc, "environ")) and _is_in_exec(proc) and time.monotonic() < give_up:
        time.sleep(_EXEC_STEP_S)
    return (data or _read(proc, "environ")).split(b"\0")


def _is_in_exec(proc: Proc) -> bool:
    """Whether a program has just taken the process over and has not told its arguments and environment yet (fs/exec.c, fs/binfmt_elf.c).

    The kernel's own threads have neither and no program; a program without any environment still has its arguments.
    """
    return not _read(proc, "cmdline") and _link(f"/proc/{proc.pid}/exe") != ""


def _read(proc: Proc, name: str) -> bytes:
    try:
        with (_PROC / str(proc.pid) / name).open("rb") as file:
            return file.read(_READ_BYTES_MAX)
    except OSError:
        return b""


def _psutil_environment(proc: Proc) -> list[bytes]:
    import psutil

    try:
        return [os.fsencode(f"{name}={value}") for name, value in psutil.Process(proc.pid).environ().items()]
    except (psutil.Error, OSError):
        return []
