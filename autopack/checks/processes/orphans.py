"""Ends the processes that a dead run left running: its orphans."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from autopack.checks.processes.command import Child
from autopack.checks.processes.process_table import Proc, boot_id, environment_value, find, processes
from autopack.checks.processes.process_tree import ProcessTree, end

_OUT = b"AUTOPACK_OUT"


def end_process(child: Child, *, grace_s: float = 5) -> int:
    """Ends a journaled child and everything that came from it; returns how many processes that were.

    A child of another boot is gone. A number that another process has now is left alone, with all that is its own; where the
    child itself is gone, members of its session are ended only if they carry Autopack's mark.
    """
    if child.boot_id != boot_id():
        return 0
    holder = find(child.pid)
    root = Proc(child.pid, child.started)
    if holder is not None and holder.proc != root:
        return 0
    family = ProcessTree(root, None)
    is_orphaned = holder is None or not holder.is_alive

    def look() -> frozenset[Proc]:
        alive = family.look()
        return frozenset(proc for proc in alive if environment_value(proc, _OUT) is not None) if is_orphaned else alive

    return _end(look, grace_s)


def end_leftovers(out_root: Path, *, grace_s: float = 5) -> int:
    """Ends every process whose ``AUTOPACK_OUT`` lies below a run's own folder: the net below the journal of children."""
    prefix = os.fsencode(out_root) + b"/"

    def look() -> frozenset[Proc]:
        others = (row.proc for row in processes() if row.is_alive and row.proc.pid != os.getpid())
        return frozenset(proc for proc in others if (environment_value(proc, _OUT) or b"").startswith(prefix))

    return _end(look, grace_s)


def _end(look: Callable[[], frozenset[Proc]], grace_s: float) -> int:
    found = len(look())
    if found:
        end(look, grace_s, time.sleep)
    return found
