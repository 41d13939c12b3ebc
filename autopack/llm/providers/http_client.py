"""How much is taken of one answer: counted as it is after it was unpacked, so that a small one cannot grow without end.

Used on every answer of a client; what has no end costs its call and not the machine's memory.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from autopack.llm.wire import WireFailure, WireKind

if TYPE_CHECKING:
    import httpx2

MOST_OF_AN_ERROR: Final = 1_000_000
MOST_AT_ONCE: Final = 16_000_000
"""Bytes of a message that comes whole, or of one event of a stream: what is read into one value."""

MOST_OF_A_STREAM: Final = 256_000_000
_PIECE: Final = 65_536
_MOST_LINES: Final = 5_000
_MOST_LINES_OF_A_PIECE: Final = 20_000
_EVENTS: Final = "text/event-stream"
_ENDS: Final = (b"\n\n", b"\r\n\r\n", b"\r\r")
_ERROR: Final = 400


def bound(response: "httpx2.Response") -> None:
    """A hook that is called before anything of the body is read."""
    whole = response.iter_bytes

    def iter_bytes(chunk_size: int | None = None) -> Iterator[bytes]:
        pieces = whole(chunk_size)
        if response.status_code >= _ERROR:
            return _beginning(pieces)
        is_stream = response.headers.get("content-type", "").startswith(_EVENTS)
        return _events(pieces) if is_stream else _at_most(pieces, MOST_AT_ONCE)

    response.iter_bytes = iter_bytes  # type: ignore[method-assign]


def _beginning(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Of an error the beginning says enough."""
    left = MOST_OF_AN_ERROR
    for piece in pieces:
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


def _at_most(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    left = most
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise _endless(most)
        yield piece


def _events(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The time to put an event together grows with its lines, so that these are counted too."""
    size, lines, tail = 0, 0, b""
    for piece in _sliced(_at_most(pieces, MOST_OF_A_STREAM)):
        seen = tail + piece
        end = max(seen.rfind(mark) for mark in _ENDS)
        if end < 0:
            size, lines = size + len(piece), lines + _lines(piece)
        else:
            size, lines = len(seen) - end, _lines(seen[end:])
        if size > MOST_AT_ONCE or lines > _MOST_LINES or _lines(piece) > _MOST_LINES_OF_A_PIECE:
            raise _endless(MOST_AT_ONCE)
        tail = seen[-3:]
        yield piece


def _sliced(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            yield piece[start : start + _PIECE]


def _lines(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r")


def _endless(most: int) -> WireFailure:
    return WireFailure(WireKind.MALFORMED, f"the answer does not end ({most // 1_000_000} MB are taken at once)", is_definite=False)
