"""Keeps a command's output in bounded memory: its head and its tail."""

from collections import deque
from typing import Final

_CHUNK: Final = 65_536


class Tail:
    """The last bytes of a stream; ``dropped`` counts those that are gone."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytearray] = deque()
        self._size = 0
        self.dropped = 0

    def take(self, data: bytes) -> None:
        if len(data) > self._limit:
            self.dropped += len(data) - self._limit
            data = data[len(data) - self._limit :]
        if self._chunks and len(self._chunks[-1]) + len(data) <= _CHUNK:
            self._chunks[-1] += data
        else:
            self._chunks.append(bytearray(data))
        self._size += len(data)
        self._drop()

    def data(self) -> bytes:
        """The kept bytes; they begin at the start of a line where bytes before them were dropped."""
        whole = b"".join(self._chunks)
        if not self.dropped:
            return whole
        newline = whole.find(b"\n", 0, _CHUNK)
        self.dropped += newline + 1
        return whole[newline + 1 :]

    def _drop(self) -> None:
        while self._size > self._limit:
            excess = self._size - self._limit
            first = self._chunks[0]
            if len(first) <= excess:
                self._chunks.popleft()
                gone = len(first)
            else:
                del first[:excess]
                gone = excess
            self._size -= gone
            self.dropped += gone


class HeadAndTail:
    """A quarter of the limit for the beginning, the rest for the end, where failures stand."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit // 4
        self._head = bytearray()
        self._tail = Tail(limit - self._head_limit)

    def take(self, data: bytes) -> None:
        room = self._head_limit - len(self._head)
        self._head += data[:room]
        if len(data) > room:
            self._tail.take(data[room:])

    def text(self) -> str:
        """The output as text: undecodable bytes as escapes, and a line that says how much was left out."""
        tail = self._tail.data()
        if not self._tail.dropped:
            return decoded(bytes(self._head) + tail)
        head = bytes(self._head[: self._head.rfind(b"\n") + 1]) or bytes(self._head)
        dropped = self._tail.dropped + len(self._head) - len(head)
        return f"{decoded(head)}{left_out(dropped)}{decoded(tail)}"


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def left_out(count: int) -> str:
    return f"\n... {count:,} bytes left out ...\n"
