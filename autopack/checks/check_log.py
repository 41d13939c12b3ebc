"""The log of a phase's checks: every command with a header and its output, redacted, each bounded by head and tail."""

import codecs
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from autopack.checks.output import Tail, decoded, left_out

_HELD_MAX: Final = 16_384
_OPEN_KEY: Final = "-----BEGIN "


class LogEntry:
    """One command's part of the log: the head is written as it comes, the tail at the end.

    What was redacted reaches the disk redacted: text is held back to the last line end, so that no value is cut in two.
    """

    def __init__(self, file: IO[str], limit: int, redact: Callable[[str], str]) -> None:
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
            self._file.write(self._redact(self._held) + left_out(self._tail.dropped) + self._redact(decoded(tail)))
        else:
            self._file.write(self._redact(self._held + self._decoder.decode(tail, final=True)))
        self._file.flush()

    def _write(self, text: str) -> None:
        held = self._redact(self._held + text)
        ready = held.rfind("\n") + 1
        key = held.rfind(_OPEN_KEY)
        if key >= 0 and len(held) - key < _HELD_MAX:
            ready = min(ready, key)
        if len(held) - ready > _HELD_MAX:
            ready = len(held) - _HELD_MAX // 2
        self._file.write(held[:ready])
        self._file.flush()
        self._held = held[ready:]


@contextmanager
def log_entry(path: Path | None, limit: int, redact: Callable[[str], str], header: str) -> Iterator[LogEntry | None]:
    """Appends to the log; None where no log is kept."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8", newline="", errors="backslashreplace") as file:
        file.write(redact(header))
        file.flush()
        entry = LogEntry(file, limit, redact)
        try:
            yield entry
        finally:
            entry.close()
