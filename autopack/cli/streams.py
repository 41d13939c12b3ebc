"""Standard streams as every command wants them: there, in UTF-8, and quiet once the terminal behind them is closed."""

import errno
import io
import os
import sys
from typing import Any, Final, TextIO

_STDOUT, _STDERR = 1, 2
_WRITTEN: Final = ("stdout", "stderr")


def prepare_streams() -> None:
    """A stream that the caller closed leads nowhere, and its number never becomes that of a file: the state's, for one."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdout = sys.stdout or os.fdopen(_STDOUT, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(_STDERR, "w", encoding="utf-8", closefd=False)
    for name in _WRITTEN:
        setattr(sys, name, _outliving(getattr(sys, name)))
    _speak_utf8()


def is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def silence(stream: TextIO) -> None:
    """From now on what is written to it goes nowhere."""
    _lead_nowhere(stream.fileno())


class _Terminal(io.FileIO):
    """A terminal's end of a stream. One that is closed answers EIO, which is no trouble of a disk: nobody reads any more, that is all."""

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - whatever holds bytes
        try:
            return super().write(data)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            _lead_nowhere(self.fileno())
            return memoryview(data).nbytes


def _outliving(stream: TextIO) -> TextIO:
    """The same terminal, not given up when it is closed; any other stream as it is."""
    if not is_terminal(stream):
        return stream
    stream.flush()
    terminal = io.BufferedWriter(_Terminal(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(terminal, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _speak_utf8() -> None:
    """UTF-8 whatever the locale says; a byte that no character stands for is spelled out."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
