"""Prepares the standard streams for every command: open, in UTF-8, and quiet once the terminal behind them is closed."""

import errno
import io
import os
import sys
from typing import Any, Final, TextIO

_STDOUT, _STDERR = 1, 2
_NOBODY: Final = frozenset({errno.EIO, errno.EPIPE})
"""The errors of a closed terminal, and of a pipe whose reader went away."""

_STDERR_LOSSES: Final = _NOBODY | {errno.ENOSPC, errno.EDQUOT}
"""Errors that lose a note on stderr; no run ends because of one."""


def prepare_streams() -> None:
    """Opens streams that the caller closed, leading nowhere, so that no file (the state's, for one) gets their number."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(_STDOUT, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(_STDERR, "w", encoding="utf-8", closefd=False)
    if is_terminal(sys.stdout):
        sys.stdout = _outliving(sys.stdout, frozenset({errno.EIO}))
    sys.stderr = _outliving(sys.stderr, _STDERR_LOSSES)
    _speak_utf8()


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def silence(stream: TextIO) -> None:
    """Discards whatever is written from now on."""
    _lead_nowhere(stream.fileno())


class _Outliving(io.FileIO):
    """An end of a stream that goes on where ``losses`` are what a write meets: that piece is lost, and after ``_NOBODY`` every other."""

    def __init__(self, descriptor: int, losses: frozenset[int]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._losses = losses

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - whatever holds bytes
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in self._losses:
                raise
            if error.errno in _NOBODY:
                _lead_nowhere(self.fileno())
            return memoryview(data).nbytes


def _outliving(stream: TextIO, losses: frozenset[int]) -> TextIO:
    """The same stream, not given up for one of these errors; one without a descriptor as it is."""
    try:
        stream.flush()
        end = _Outliving(stream.fileno(), losses)
    except (OSError, ValueError):
        return stream
    return io.TextIOWrapper(io.BufferedWriter(end), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _speak_utf8() -> None:
    """Sets UTF-8 whatever the locale says, and spells out bytes that are no character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
