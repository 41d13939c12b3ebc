"""A command on a terminal of a given width, as a person sees it: `with on_terminal(desk, 80, "run") as seen: ...; code, frame = seen.end()`."""

import fcntl
import os
import pty
import re
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.command import PATIENCE_S, Desk
from tests.support.start import Process, Start, start_command

LINES = 24
_REDRAWN = re.compile(r"\x1b\[1A\x1b\[2K")
_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass
class Seen:
    """What the command has drawn so far; ``frame`` is what stands on the screen after the last redrawing."""

    process: Process
    drawn: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return self.drawn.decode("utf-8", "replace")

    @property
    def frame(self) -> str:
        return _SEQUENCE.sub("", _REDRAWN.split(self.text)[-1]).replace("\r", "")

    def until(self, is_seen: Callable[[str], bool]) -> str:
        """The first frame of which that is so."""
        end = time.monotonic() + PATIENCE_S
        while not is_seen(frame := self.frame):
            assert time.monotonic() < end, frame
            assert self.process.poll() is None, frame
            time.sleep(0.02)
        return frame

    def end(self) -> int:
        return self.process.wait(PATIENCE_S)


@contextmanager
def on_terminal(desk: Desk, columns: int, *words: str) -> Iterator[Seen]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    process = start_command(Start(words, desk.repo, desk.environment, is_fresh=desk.is_fresh), theirs, theirs, theirs)
    os.close(theirs)
    seen = Seen(process)
    reader = threading.Thread(target=_read, args=(ours, seen.drawn), daemon=True)
    reader.start()
    try:
        yield seen
        process.wait(PATIENCE_S)
        reader.join(PATIENCE_S)
    finally:
        process.kill()
        process.wait()
        reader.join(PATIENCE_S)
        os.close(ours)


def _read(terminal: int, into: bytearray) -> None:
    while True:
        try:
            data = os.read(terminal, 65_536)
        except OSError:  # how Linux says that nobody holds the other end
            return
        if not data:
            return
        into += data
