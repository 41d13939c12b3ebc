"""Writes the log of a phase's checks: every command with a header and its output, redacted and bounded by head and tail."""

import codecs
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final

from autopack.checks.processes.output import Tail, decoded, left_out
from autopack.checks.results.text import plain
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.visible import spelled
from autopack.settings.own_files import open_own

_HELD_MAX: Final = 16_384
_OPEN_KEY: Final = "-----BEGIN "
_OURS: Final = re.compile(r"^(?=(?:==|--|\$) )", re.MULTILINE)


class LogEntry:
    """Writes one command's part of the log: the head as it comes, the tail at the end.

    It redacts text before it writes it, and holds text back to the last line end, so that no secret is cut in two.
    """

    def __init__(self, file: "_Disk", limit: int, redact: Callable[[str], str]) -> None:
        self._file = file
        self._head_left = limit // 2
        self._tail = Tail(limit - limit // 2)
        self._redact = redact
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._held = ""

    def take(self, data: bytes) -> None:
        head = data[: self._head_left]
        if head:
            self._head_left -= len(head)
            self._write(self._decoder.decode(head))
        if len(data) > len(head):
            self._tail.take(data[len(head) :])

    def close(self) -> None:
        tail = self._tail.data()
        if self._tail.dropped:
            self._file.write(_shown(self._redact(self._held)) + left_out(self._tail.dropped) + _shown(self._redact(decoded(tail))))
        else:
            self._file.write(_shown(self._redact(self._held + self._decoder.decode(tail, final=True))))

    def _write(self, text: str) -> None:
        held = self._redact(self._held + text)
        ready = held.rfind("\n") + 1
        key = held.rfind(_OPEN_KEY)
        if key >= 0 and len(held) - key < _HELD_MAX:
            ready = min(ready, key)
        if len(held) - ready > _HELD_MAX:
            ready = len(held) - _HELD_MAX // 2
        self._file.write(_shown(held[:ready]))
        self._held = held[ready:]


def _shown(text: str) -> str:
    """No terminal codes, and a space before what would read as one of our own lines."""
    return _OURS.sub(" ", spelled(plain(text)))


class _Disk:
    """Writes text straight to the disk. Once the disk refuses, it writes nothing more, and ``trouble`` says why."""

    def __init__(self, raw: FileIO) -> None:
        self._raw = raw
        self.trouble: OSError | None = None

    def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "backslashreplace"))
        while data and self.trouble is None:
            try:
                data = data[self._raw.write(data) :]
            except OSError as error:
                self.trouble = error


@contextmanager
def log_entry(path: Path | None, limit: int, redact: Callable[[str], str], header: str) -> Iterator[LogEntry | None]:
    """Appends to the log; None where no log is kept.

    Raises:
        EnvironmentBlockedError: the log could not be written; after the block, so that its command came to its end.
    """
    if path is None:
        yield None
        return
    try:
        raw = FileIO(open_own(path, os.O_APPEND), "a")
    except OSError as error:
        raise _unwritable(path, error) from error
    with raw:
        file = _Disk(raw)
        file.write(spelled(redact(header)))
        entry = LogEntry(file, limit, redact)
        try:
            yield entry
        finally:
            entry.close()
    if file.trouble is not None:
        raise _unwritable(path, file.trouble) from file.trouble


def drop_log(path: Path | None, *, is_wanted: bool) -> None:
    """Removes the log of a green check, unless the plan wants it."""
    if path is not None and not is_wanted:
        path.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(f"The log {path} cannot be written ({error.strerror}). Make room or give access, then resume.")
