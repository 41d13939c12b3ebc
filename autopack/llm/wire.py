"""The nouns between calls and providers: what is sent, what came back, what went wrong on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from autopack.core.call import Prompt, StopReason, ToolCall, Usage

Structured = Literal["schema", "tool", "json"]
"""How a JSON reply is asked for: by a schema, by a tool that the model must call, in words alone."""

Json = dict[str, Any]


@dataclass(frozen=True)
class WireRequest:
    """All that a request's body is made from. ``is_vendor``: it goes to the vendor's own servers."""

    model: str
    prompt: Prompt
    max_output: int
    structured: Structured
    is_vendor: bool = True


@dataclass(frozen=True)
class Received:
    """A complete reply, as far as all providers have its parts. ``usage`` is None where the server reports none."""

    text: str
    calls: tuple[ToolCall, ...]
    stop: StopReason
    usage: Usage | None
    model: str | None
    final: Json


class Collector(Protocol):
    """Puts a streamed reply together, event by event. ``final`` is the complete message, None until the stream has ended properly.

    Another thread may ask for ``characters`` and ``is_complete`` meanwhile.
    """

    @property
    def characters(self) -> int: ...

    @property
    def is_complete(self) -> bool: ...

    @property
    def final(self) -> Json | None: ...

    def feed(self, event: Json) -> None: ...


class WireKind(StrEnum):
    """What went wrong. ``too_long`` and ``refused`` are about the prompt: another prompt may be answered."""

    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    CUT = "cut"
    MALFORMED = "malformed"
    KEY_REFUSED = "key_refused"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    TOO_LONG = "too_long"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"


TRANSIENT = frozenset(
    {
        WireKind.RATE_LIMITED,
        WireKind.OVERLOADED,
        WireKind.SERVER_ERROR,
        WireKind.CONNECTION,
        WireKind.TIMEOUT,
        WireKind.CUT,
        WireKind.MALFORMED,
    }
)


class WireFailure(Exception):  # noqa: N818 - an outcome of a call, caught where routes are chosen
    """A call that brought no reply.

    ``message`` is what the other side said, or what happened to the connection, bounded; ``is_definite``: nothing was bought.
    ``told_not_to_retry``: the server said that asking again is no use.
    """

    def __init__(self, kind: WireKind, message: str, *, is_definite: bool, details: "FailureDetails | None" = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.is_definite = is_definite
        self.details = details or FailureDetails()

    @property
    def is_transient(self) -> bool:
        return self.kind in TRANSIENT


@dataclass(frozen=True)
class FailureDetails:
    status: int | None = None
    retry_after_s: float | None = None
    told_not_to_retry: bool = False
    code: str | None = None


class Stream(Protocol):
    """An answer that has begun. ``collect`` gives the final message, None if it never came; ``cut_off`` ends it from another thread."""

    @property
    def bytes_received(self) -> int: ...

    def collect(self, collector: Collector) -> Json | None: ...

    def cut_off(self) -> None: ...

    def header(self, name: str) -> str | None: ...


class WireClient(Protocol):
    """A connection pool to one provider."""

    def open(self, path: str, body: Json, headers: Mapping[str, str]) -> Stream:
        """Sends the request. Raises WireFailure where no answer begins."""
        ...

    def ask(self, path: str, body: Json, headers: Mapping[str, str]) -> Json:
        """A small question that is answered at once. Raises WireFailure."""
        ...

    def close(self) -> None: ...


Arrived = tuple[Received, str | None]
"""A reply, and the vendor's id of its request."""
