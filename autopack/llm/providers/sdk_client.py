"""Wraps an official SDK's client: sends a request, reads its stream, turns the SDK's errors into WireFailures."""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from autopack.core.models_settings import Timeouts
from autopack.llm.providers.api import Sdk
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.failures import brief, from_connection_error, from_status, from_stream_error
from autopack.llm.providers.http_client import cut_off, http_client
from autopack.llm.providers.sdk_import import sdk_module
from autopack.llm.wire import Collector, Json, WireClient, WireFailure, WireKind

if TYPE_CHECKING:
    import httpx2

_LOGGERS: Final = ("httpx2", "httpcore2", "opentelemetry")
_JSON: Final = "application/json"
_AT_ONCE_S: Final = 20.0


def open_client(sdk: Sdk, connection: Connection, timeouts: Timeouts, now: Callable[[], float]) -> WireClient:
    _silence((sdk.name, *_LOGGERS))
    module = sdk_module(sdk)
    return sdk.client(module, connection, http_client(connection, timeouts), now)


class SdkClient:
    """``sdk`` is the module, ``client`` its client. One generator made both SDKs, so that their names are the same."""

    def __init__(self, sdk: Any, client: Any, http: "httpx2.Client", now: Callable[[], float]) -> None:  # noqa: ANN401 - of either SDK
        self._sdk = sdk
        self._client = client
        self._http = http
        self._now = now
        self._stream = sdk.Stream[object]

    def open(self, path: str, body: Json, headers: Mapping[str, str]) -> "SdkStream":
        stream = self._post(path, body, {"headers": headers}, stream=True, stream_cls=self._stream)
        return SdkStream(self._sdk, stream, stream.response)

    def ask(self, path: str, body: Json, headers: Mapping[str, str]) -> Json:
        answer: Json = self._post(path, body, {"headers": headers, "timeout": _AT_ONCE_S})
        return answer

    def _post(self, path: str, body: Json, options: Mapping[str, Any], **how: Any) -> Any:  # noqa: ANN401 - what the SDK makes of it
        import httpx2  # with the SDKs

        sdk = self._sdk
        try:
            return self._client.post(path, cast_to=object, body=body, options=options, **how)
        except sdk.APIConnectionError as error:
            raise from_connection_error(error) from error
        except sdk.APIStatusError as error:
            raise from_status(error.status_code, error.body, error.response.headers, self._now()) from error
        except httpx2.HTTPError as error:
            raise WireFailure(WireKind.CUT, brief(error), is_definite=False) from error

    def close(self) -> None:
        self._http.close()


class SdkStream:
    """One streamed answer."""

    def __init__(self, sdk: Any, events: Iterator[Any], response: "httpx2.Response") -> None:  # noqa: ANN401 - either SDK
        self._sdk = sdk
        self._events = events
        self._response = response

    @property
    def bytes_received(self) -> int:
        return self._response.num_bytes_downloaded

    def header(self, name: str) -> str | None:
        value: str | None = self._response.headers.get(name)
        return value

    def collect(self, collector: Collector) -> Json | None:
        import httpx2  # with the SDKs

        sdk = self._sdk
        try:
            return self._read(collector)
        except (sdk.APITimeoutError, httpx2.TimeoutException) as error:
            raise WireFailure(WireKind.TIMEOUT, "the stream stood still", is_definite=False) from error
        except (sdk.APIConnectionError, httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise WireFailure(WireKind.CUT, f"the stream was cut ({brief(error)})", is_definite=False) from error
        except sdk.APIError as error:
            raise from_stream_error(error.body or str(error), is_definite=collector.characters == 0) from error

    def _read(self, collector: Collector) -> Json | None:
        """Understands a server, too, that does not stream but answers with the whole message."""
        if self._response.headers.get("content-type", "").startswith(_JSON):
            self._response.read()
            message: Json = self._response.json()
            return message
        for event in self._events:
            collector.feed(event)
        return collector.final

    def cut_off(self) -> None:
        cut_off(self._response)


def _silence(names: tuple[str, ...]) -> None:
    """Gives loggers a handler that does nothing; without one they print warnings to stderr."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
