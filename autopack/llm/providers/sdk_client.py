"""The official SDKs behind one small face. They are imported here, when the first client is made, and nowhere else."""

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from autopack.core.settings import Timeouts
from autopack.llm.providers.connection import Connection
from autopack.llm.providers.http_client import bound
from autopack.llm.providers.sdk_import import sdk_modules
from autopack.llm.wire import Collector, Json, WireClient

if TYPE_CHECKING:
    import ssl

    import httpx2

LOGGERS: Final = ("anthropic", "openai", "httpx2", "httpcore2", "opentelemetry")
_JSON: Final = "application/json"
_GRACE_S: Final = 5.0


class SdkStream:
    """One streamed answer of either SDK."""

    def __init__(self, events: Iterator[Any], response: "httpx2.Response") -> None:
        self._events = events
        self._response = response

    @property
    def bytes_received(self) -> int:
        return self._response.num_bytes_downloaded

    def header(self, name: str) -> str | None:
        value: str | None = self._response.headers.get(name)
        return value

    def collect(self, collector: Collector) -> Json | None:
        """A server that does not stream and answers with the whole message is understood too."""
        if self._response.headers.get("content-type", "").startswith(_JSON):
            self._response.read()
            message: Json = self._response.json()
            return message
        for event in self._events:
            collector.feed(event)
        return collector.final

    def cut_off(self) -> None:
        """Ends the reading thread's wait; closing alone would not wake it."""
        network = self._response.extensions.get("network_stream")
        connected = network.get_extra_info("socket") if network is not None else None
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)


class AnthropicClient:
    def __init__(self, connection: Connection, timeouts: Timeouts) -> None:
        import anthropic  # more than a second: only when a call is made

        self._stream = anthropic.Stream[object]
        self._http = http_client(connection, timeouts)
        self._client = anthropic.Anthropic(
            api_key=connection.key.value.get_secret_value(),
            base_url=connection.base_url,
            default_headers=dict(connection.headers),
            max_retries=0,
            http_client=self._http,
            open_telemetry={"traces": False, "propagation": False},
        )

    def open(self, path: str, body: Json, headers: Mapping[str, str]) -> SdkStream:
        stream = self._client.post(path, cast_to=object, body=body, options={"headers": headers}, stream=True, stream_cls=self._stream)
        return SdkStream(stream, stream.response)

    def close(self) -> None:
        self._http.close()


class OpenAiClient:
    def __init__(self, connection: Connection, timeouts: Timeouts) -> None:
        import openai  # half a second: only when a call is made

        self._stream = openai.Stream[object]
        self._http = http_client(connection, timeouts)
        elsewhere = {} if connection.is_vendor else {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self._client = openai.OpenAI(
            api_key=connection.key.value.get_secret_value(),
            base_url=connection.base_url,
            default_headers={**elsewhere, **connection.headers},  # type: ignore[dict-item]
            max_retries=0,
            http_client=self._http,
        )

    def open(self, path: str, body: Json, headers: Mapping[str, str]) -> SdkStream:
        stream = self._client.post(path, cast_to=object, body=body, options={"headers": headers}, stream=True, stream_cls=self._stream)
        return SdkStream(stream, stream.response)

    def close(self) -> None:
        self._http.close()


CLIENTS: Final[dict[str, Callable[[Connection, Timeouts], WireClient]]] = {
    "anthropic": AnthropicClient,
    "openai": OpenAiClient,
}


def open_client(connection: Connection, timeouts: Timeouts) -> WireClient:
    silence()
    sdk_modules(connection.sdk)  # whole, or no client
    return CLIENTS[connection.sdk](connection, timeouts)


def silence() -> None:
    """A logger without a handler prints warnings to stderr; these have one that does nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())


def http_client(connection: Connection, timeouts: Timeouts) -> "httpx2.Client":
    """The proxies of the environment are used; redirects are not followed, so that keys and prompts go where they were sent.

    The read timeout only ends a thread that was left behind: whoever waits for the reply enforces the exact limits.
    """
    import httpx2  # with the SDKs

    patience = max(timeouts.first_byte_s, timeouts.idle_s) + _GRACE_S
    limits = httpx2.Timeout(patience, connect=timeouts.connect_s)
    hooks = {"response": [bound]}
    return httpx2.Client(timeout=limits, follow_redirects=False, verify=_certificates(connection), event_hooks=hooks)


def _certificates(connection: Connection) -> "ssl.SSLContext":
    """The system's certificates and ``ca_file``. Reading them takes 40 ms, which plain http has no use for."""
    import ssl  # with the SDKs

    if connection.base_url.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx2  # with the SDKs

    context = httpx2.create_ssl_context()
    if connection.ca_file is not None:
        context.load_verify_locations(cafile=connection.ca_file)
    return context
