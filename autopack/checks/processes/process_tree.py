"""Finds and ends all processes of one command, however they tried to get away.

A process belongs if it descends from the command, shares its session or group, was ever seen to belong, was started with the
command's ``AUTOPACK_OUT``, or holds the command's output open. Autopack is no subreaper: that is a setting of the whole process,
and reaping strangers' orphans could take another thread's exit code from it.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from autopack.checks.processes.process_table import Proc, Row, find, has_open, holds, is_linux, own_bytes, processes, send

_KILL_PATIENCE_S: Final = 10.0
_STEP_S: Final = 0.02
_POLITE_MAX: Final = 300
"""Kills more processes than this without asking first: they may be multiplying."""


class ProcessTree:
    """``mark`` is ``AUTOPACK_OUT=...``; ``output`` is the pipe's name below ``/proc/<pid>/fd``."""

    def __init__(self, root: Proc, mark: bytes | None, output: str | None = None) -> None:
        self._root = root
        self._mark = mark
        self._output = output
        self._known: set[Proc] = {root}
        self._resident: dict[Proc, int] = {}
        self._is_number_its_own = True  # a system gives a number away only when no session or group has it any more

    @property
    def size(self) -> int:
        """How many processes lived at the last look."""
        return len(self._resident)

    def memory_bytes(self, limit: int) -> int:
        """The memory that they held at the last look; above the limit, shared memory is not counted twice."""
        resident = sum(self._resident.values())
        if resident <= limit:
            return resident
        return sum(_share(proc, held) for proc, held in self._resident.items())

    def look(self) -> frozenset[Proc]:
        """The living members, the root among them; remembers them, so that they stay members when their parents are gone."""
        rows = [row for row in processes() if row.proc.started >= self._root.started and row.proc.pid != os.getpid()]
        self._is_number_its_own = all(row.proc == self._root for row in rows if row.proc.pid == self._root.pid)
        members = _descendants({row.proc for row in rows if self._belongs(row)}, rows)
        self._known |= members
        self._resident = {row.proc: row.resident_bytes for row in rows if row.is_alive and row.proc in members}
        return frozenset(self._resident)

    def holders(self) -> frozenset[Proc]:
        """Living processes that hold the command's output open, seen twice to leave out what is just being started."""
        if self._output is None or not is_linux():
            return frozenset()
        first = self._holding_output()
        if first:
            time.sleep(_STEP_S)
            first &= self._holding_output()
            self._known |= first
        return frozenset(first)

    def _belongs(self, row: Row) -> bool:
        if row.proc in self._known or (self._is_number_its_own and self._root.pid in (row.session, row.group)):
            return True
        return self._mark is not None and row.is_alive and holds(row.proc, self._mark)

    def _holding_output(self) -> set[Proc]:
        rows = (row for row in processes() if row.is_alive and row.proc.started >= self._root.started and row.proc.pid != os.getpid())
        return {row.proc for row in rows if has_open(row.proc, self._output or "")}


def end(look: Callable[[], Iterable[Proc]], grace_s: float, meanwhile: Callable[[float], None], group: int | None = None) -> int:
    """Asks with SIGTERM, parents first, waits, then kills until nothing is left. Returns how many could not be ended.

    Args:
        look: the living processes as they are now.
        grace_s: patience between the two.
        meanwhile: waits that many seconds, e.g. reading output, so that nobody hangs on a full pipe.
        group: a process group whose number is surely still ours; it is killed in one stroke, which no fork outruns.
    """
    first = sorted(look(), key=lambda proc: (proc.started, proc.pid))
    if len(first) <= _POLITE_MAX:
        for proc in first:
            send(proc, signal.SIGTERM)
            send(proc, signal.SIGCONT)
        _wait_until_gone(look, grace_s, meanwhile)
    give_up = time.monotonic() + _KILL_PATIENCE_S
    while alive := tuple(look()):
        if time.monotonic() > give_up:
            return len(alive)
        if group is not None:
            _kill_group(group)
        for proc in alive:
            send(proc, signal.SIGKILL)
        meanwhile(_STEP_S / 4)
    return 0


def _share(proc: Proc, resident: int) -> int:
    """The process's share of its memory; all of it where the share cannot be read; 0 where the process has ended."""
    own = own_bytes(proc)
    if own is not None:
        return own
    row = find(proc.pid)
    return resident if row is not None and row.proc == proc and row.is_alive else 0


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _wait_until_gone(look: Callable[[], Iterable[Proc]], patience_s: float, meanwhile: Callable[[float], None]) -> None:
    deadline = time.monotonic() + patience_s
    pause = _STEP_S / 8
    while any(True for _ in look()) and time.monotonic() < deadline:
        meanwhile(pause)
        pause = min(2 * pause, 5 * _STEP_S)


def _descendants(found: set[Proc], rows: list[Row]) -> set[Proc]:
    children: dict[int, list[Proc]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row.proc)
    open_ends = list(found)
    while open_ends:
        for proc in children.get(open_ends.pop().pid, ()):
            if proc not in found:
                found.add(proc)
                open_ends.append(proc)
    return found
