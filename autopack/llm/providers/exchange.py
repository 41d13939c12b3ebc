"""One request and its whole answer, with everything that can go wrong on the way turned into one exception."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autopack.llm.providers.failures import from_status, from_stream_error
from autopack.llm.providers.json_values import judge_depth, name
from autopack.llm.providers.sdk_import import sdk_modules
from autopack.llm.wire import Api, Arrived, Collector, Json, Received, Stream, WireClient, WireFailure, WireKind

_ODD: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading a message of another shape raises."""

MOST_CHARACTERS: Final = 16_000_000
"""No model writes as much; a server that never stops is stopped here."""


@dataclass
class Progress:
    """Shared by the thread that reads and the one that waits."""

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
    now: Callable[[], float]
    progress: Progress = field(default_factory=Progress)

    def run(self) -> Arrived:
        """The reply and the vendor's id of the request. Called once, and may take long.

        Raises:
            WireFailure: there is no complete reply.
        """
        progress = self.progress
        progress.stream = stream = self._open()
        progress.collector = self.api.collector()
        final = self._collect(stream, progress.collector)
        if final is None:
            raise WireFailure(WireKind.CUT, "the stream ended before the reply did", is_definite=False)
        return _read(self.api, final), name(stream.header("request-id")) or name(stream.header("x-request-id"))

    def cut_off(self) -> None:
        """Ends it from another thread."""
        if self.progress.stream is not None:
            self.progress.stream.cut_off()

    def _open(self) -> Stream:
        sdk, httpx = sdk_modules(self.api.sdk)
        try:
            return self.client.open(self.api.path, self.body, self.headers)
        except sdk.APIConnectionError as error:
            raise _unconnected(error, httpx) from error
        except sdk.APIStatusError as error:
            raise from_status(error.status_code, error.body, error.response.headers, self.now()) from error
        except httpx.HTTPError as error:
            raise WireFailure(WireKind.CUT, _brief(error), is_definite=False) from error

    def _collect(self, stream: Stream, collector: Collector) -> Json | None:
        """A message that is complete is taken, whatever happens to the connection afterwards."""
        try:
            return self._read_all(stream, collector)
        except WireFailure:
            if collector.final is None:
                raise
            return collector.final

    def _read_all(self, stream: Stream, collector: Collector) -> Json | None:
        sdk, httpx = sdk_modules(self.api.sdk)
        try:
            return stream.collect(_Bounded(collector))
        except (sdk.APITimeoutError, httpx.TimeoutException) as error:
            raise WireFailure(WireKind.TIMEOUT, "the stream stood still", is_definite=False) from error
        except (sdk.APIConnectionError, httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise WireFailure(WireKind.CUT, f"the stream was cut ({_brief(error)})", is_definite=False) from error
        except sdk.APIError as error:
            raise from_stream_error(error.body or str(error), is_definite=collector.characters == 0) from error
        except _ODD as error:
            raise WireFailure(WireKind.MALFORMED, f"the stream is not what the API sends ({_brief(error)})", is_definite=False) from error


def _read(api: Api, final: Json) -> Received:
    """Raises WireFailure for a message of another shape than the API's, such as an error told with a status of success."""
    try:
        judge_depth(final)
        return api.read(final)
    except _ODD as error:
        if isinstance(final, dict) and final.get("error"):
            raise from_stream_error(final, is_definite=True) from error
        raise WireFailure(WireKind.MALFORMED, f"the reply has another shape than the API's ({_brief(error)})", is_definite=False) from error


class _Bounded:
    """A collector that gives up on a reply without end."""

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


def _unconnected(error: Exception, httpx: Any) -> WireFailure:  # noqa: ANN401 - a module
    """Before the request was sent nothing was bought; once it was, nobody knows."""
    cause = error.__cause__ or error
    text = _brief(cause)
    if isinstance(cause, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return WireFailure(
            WireKind.MISCONFIGURED, f"its certificate is not trusted ({text}); name your authority's file as ca_file", is_definite=True
        )
    if isinstance(cause, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return WireFailure(WireKind.MISCONFIGURED, text, is_definite=True)
    if isinstance(cause, httpx.ConnectTimeout | httpx.PoolTimeout):
        return WireFailure(WireKind.TIMEOUT, "no connection came about in time (timeouts.connect_s)", is_definite=True)
    if isinstance(cause, httpx.ConnectError | httpx.ProxyError):
        return WireFailure(WireKind.CONNECTION, f"no connection came about ({text})", is_definite=True)
    if isinstance(cause, httpx.TimeoutException):
        return WireFailure(WireKind.TIMEOUT, "no answer began in time", is_definite=False)
    return WireFailure(WireKind.CONNECTION, f"the connection broke before an answer came ({text})", is_definite=False)


def _brief(error: BaseException) -> str:
    text = " ".join(str(error.__cause__ or error).split())[:200]
    return text or type(error.__cause__ or error).__name__
