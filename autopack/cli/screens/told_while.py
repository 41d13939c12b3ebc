"""Tells a person who waits which command is running and since when: in place on a terminal, else in one line a minute."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from autopack.cli.output import note
from autopack.cli.printable import flat


@contextmanager
def told_while(where: str, command: str) -> Iterator[None]:
    """Tells it on stderr while the block runs."""
    what = flat(f"{where}: {command}")
    if sys.stderr.isatty():
        with _in_place(what):
            yield
        return
    with _in_lines(what):
        yield


@contextmanager
def _in_lines(what: str) -> Iterator[None]:
    from autopack.executor.heartbeat import HEARTBEAT_S, heartbeat

    began = time.monotonic()
    note(what)
    try:
        with heartbeat(lambda: note(f"{what}: running for {time.monotonic() - began:.0f} s"), HEARTBEAT_S):
            yield
    finally:
        note(f"{what} ended after {time.monotonic() - began:.0f} s")


@contextmanager
def _in_place(what: str) -> Iterator[None]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(escape(what), total=None)
        yield
