"""Sends one request and reads its whole answer; whatever goes wrong becomes a WireFailure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.llm.providers.api import Api
from autopack.llm.providers.failures import brief, from_stream_error
from autopack.llm.providers.json_values import judge_depth, name
from autopack.llm.wire import Arrived, Collector, Json, Received, Stream, WireClient, WireFailure, WireKind

_ODD: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""Raised where a message has another shape than expected."""

MOST_CHARACTERS: Final = 16_000_000
"""No model writes as much: a server that exceeds it would never stop."""


@dataclass
class Progress:
    """What has come so far. The reading thread writes it, the waiting thread reads it."""

    stream: Stream | None = None
    collector: Collector | None = None

    @property
    def characters(self) -> int:
        return self.collector.characters if self.collector else 0

    @property
    def bytes_received(self) -> int:
        return self.stream.bytes_received if self.stream else 0

    @property
    def is_complete(self) -> bool:
        return self.collector is not None and self.collector.is_complete


@dataclass(frozen=True)
class Exchange:
    client: WireClient
    api: Api
    body: Json
    headers: Mapping[str, str]
    progress: Progress = field(default_factory=Progress)

    def run(self) -> Arrived:
        """The reply and the vendor's id of the request. Call it once; it may take long.

        Raises:
            WireFailure: there is no complete reply.
        """
        progress = self.progress
        progress.stream = stream = self.client.open(self.api.path, self.body, self.headers)
        progress.collector = self.api.collector()
        final = self._collect(stream, progress.collector)
        if final is None:
            raise WireFailure(WireKind.CUT, "the stream ended before the reply did", is_definite=False)
        return _read(self.api, final), name(stream.header("request-id")) or name(stream.header("x-request-id"))

    def cut_off(self) -> None:
        """Ends it from another thread."""
        if self.progress.stream is not None:
            self.progress.stream.cut_off()

    def _collect(self, stream: Stream, collector: Collector) -> Json | None:
        """Takes a complete message, whatever happens to the connection afterwards."""
        try:
            return self._read_all(stream, collector)
        except WireFailure:
            if collector.final is None:
                raise
            return collector.final

    def _read_all(self, stream: Stream, collector: Collector) -> Json | None:
        try:
            return stream.collect(_Bounded(collector))
        except _ODD as error:
            raise WireFailure(WireKind.MALFORMED, f"the stream is not what the API sends ({brief(error)})", is_definite=False) from error


def _read(api: Api, final: Json) -> Received:
    """Raises WireFailure for a message of another shape, such as an error that came with a status of success."""
    try:
        judge_depth(final)
        return api.read(final)
    except _ODD as error:
        if isinstance(final, dict) and final.get("error"):
            raise from_stream_error(final, is_definite=True) from error
        raise WireFailure(WireKind.MALFORMED, f"the reply has another shape than the API's ({brief(error)})", is_definite=False) from error


class _Bounded:
    """A collector that gives up on an endless reply."""

    def __init__(self, inner: Collector) -> None:
        self._inner = inner

    @property
    def characters(self) -> int:
        return self._inner.characters

    @property
    def is_complete(self) -> bool:
        return self._inner.is_complete

    @property
    def final(self) -> Json | None:
        return self._inner.final

    def feed(self, event: Json | None) -> None:
        if event is not None:
            self._inner.feed(event)
        if self._inner.characters > MOST_CHARACTERS:
            raise WireFailure(WireKind.MALFORMED, "the reply never ended", is_definite=False)
