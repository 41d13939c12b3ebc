"""Starts a program that lives on by itself: no terminal, a session of its own, its output in a file."""

import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Detached:
    """``environment`` is the whole environment; ``output`` is a descriptor that is open for writing."""

    arguments: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]
    output: int


def start_detached(what: Detached) -> int:
    """Gives the process id. The process is waited for as soon as it ends: until then it would still count as alive.

    Raises:
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        what.arguments,
        cwd=what.cwd,
        env=what.environment,
        stdin=subprocess.DEVNULL,
        stdout=what.output,
        stderr=what.output,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name=f"waits for {process.pid}", daemon=True).start()
    return process.pid
