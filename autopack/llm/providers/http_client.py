"""The HTTP client under every SDK. It bounds each answer: an endless one costs its call, not the machine's memory.

It counts bytes after they were unpacked, so that a small answer cannot grow without end.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from autopack.core.models_settings import Timeouts
from autopack.llm.providers.connection import Connection
from autopack.llm.wire import WireFailure, WireKind

if TYPE_CHECKING:
    import ssl

    import httpx2

MOST_OF_AN_ERROR: Final = 1_000_000
MOST_AT_ONCE: Final = 16_000_000
"""Bytes of a whole message or of one event of a stream: what becomes one value."""

MOST_OF_A_STREAM: Final = 256_000_000
_PIECE: Final = 65_536
_MOST_LINES: Final = 5_000
_MOST_LINES_OF_A_PIECE: Final = 20_000
_EVENTS: Final = "text/event-stream"
_ENDS: Final = (b"\n\n", b"\r\n\r\n", b"\r\r")
_ERROR: Final = 400
_GRACE_S: Final = 5.0


def http_client(connection: Connection, timeouts: Timeouts) -> "httpx2.Client":
    """Uses the environment's proxies and follows no redirect, so that keys and prompts go where they were sent.

    Its read timeout only ends a thread that was left behind; the waiting thread enforces the exact limits.
    """
    import httpx2  # with the SDKs

    patience = max(timeouts.first_byte_s, timeouts.idle_s) + _GRACE_S
    limits = httpx2.Timeout(patience, connect=timeouts.connect_s)
    hooks = {"response": [bound]}
    return httpx2.Client(timeout=limits, follow_redirects=False, verify=_certificates(connection), event_hooks=hooks)


def cut_off(response: "httpx2.Response") -> None:
    """Ends the wait of the thread that reads the answer. Closing alone would not wake it."""
    network = response.extensions.get("network_stream")
    connected = network.get_extra_info("socket") if network is not None else None
    if connected is not None:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)


def bound(response: "httpx2.Response") -> None:
    """Bounds the body. The HTTP client calls this hook before anything of the body is read."""
    whole = response.iter_bytes

    def iter_bytes(chunk_size: int | None = None) -> Iterator[bytes]:
        pieces = whole(chunk_size)
        if response.status_code >= _ERROR:
            return _beginning(pieces)
        is_stream = response.headers.get("content-type", "").startswith(_EVENTS)
        return _events(pieces) if is_stream else _at_most(pieces, MOST_AT_ONCE)

    response.iter_bytes = iter_bytes  # type: ignore[method-assign]


def _beginning(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The beginning of an error; it says enough."""
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
    """The pieces of a stream. Lines are counted, too: the time to put an event together grows with them."""
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


def _certificates(connection: Connection) -> "ssl.SSLContext":
    """The system's certificates and ``ca_file``. Reading them takes 40 ms, so plain http goes without."""
    import ssl  # with the SDKs

    if connection.base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx2  # with the SDKs

    context = httpx2.create_ssl_context()
    if connection.ca_file is not None:
        context.load_verify_locations(cafile=connection.ca_file)
    return context
