"""Starts the server: judges how it may be reached, takes the port, prints the address, answers until it is told to end."""

import errno
import re
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import uvicorn

from autopack.core.clock import Clock
from autopack.core.errors import UsageError
from autopack.dashboard.access.access import Access
from autopack.dashboard.access_log import LOGGING
from autopack.dashboard.app import create_app
from autopack.dashboard.guard.names import Names
from autopack.dashboard.places import Places
from autopack.dashboard.resuming import Resuming
from autopack.dashboard.server import Server
from autopack.settings.environment import inherited_environment, process_environment
from autopack.settings.server_variables import withdraw_signing_keys, without_signing_keys

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]")
_NAME_OF_PROXY: Final = re.compile(rf"({_NAME.pattern})(:[0-9]{{1,5}})?")
"""As its clients write it, with a port that is not TLS's own."""

_PATIENCE_S: Final = 1
"""How long answers that are under way are waited for once the server is told to end."""


@dataclass(frozen=True)
class ServeOptions:
    """``allowed``: names besides those of this machine; ``tls``: files of certificate and key; ``resumes``: verbs start runs again."""

    host: str
    port: int
    repositories: tuple[Path, ...]
    allowed: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    is_behind_proxy: bool = False
    resumes: bool = False

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert or self.is_behind_proxy else "http"


def serve(options: ServeOptions, clock: Clock, announce: Callable[[str], None]) -> None:
    """Returns, or ends the process by the signal, once it was told to end. ``announce`` gets the one address with its code.

    Raises:
        UsageError: the options do not go together, or the port cannot be had.
        InvalidInputError: the environment's keys are none.
        EnvironmentBlockedError: a folder is no usable repository, or the keys cannot be kept.
    """
    _judge(options)
    withdraw_signing_keys()
    environment = process_environment()
    places = Places.of(options.repositories, (environment, inherited_environment()), clock)
    access = Access.of(environment, clock.now, lambda: secrets.token_urlsafe(32))
    access.judge_place(tuple(str(place.repository.top) for place in places.all))
    access.ring()
    resuming = Resuming(without_signing_keys(environment)) if options.resumes else None
    server = Server(places, clock, access, Names(options.allowed, options.is_behind_proxy), resuming)
    with _taken(options.host, options.port) as listening:
        config = _config(create_app(server), options)
        announce(f"{_address(options, listening.getsockname()[1])}/#code={access.code()}")
        uvicorn.Server(config).run(sockets=[listening])


def _judge(options: ServeOptions) -> None:
    _judge_certificate(options.tls_cert, options.tls_key)
    for name in options.allowed:
        if not (_NAME_OF_PROXY if options.is_behind_proxy else _NAME).fullmatch(name):
            raise UsageError(f"--allow-host {name} is no name; give it without scheme and path, such as ap.example.")
    if options.is_behind_proxy and not options.allowed:
        raise UsageError("--behind-proxy needs --allow-host NAME: the name that the proxy is reached by.")
    if options.allowed and options.scheme == "http":
        raise UsageError("--allow-host needs TLS: give --tls-cert and --tls-key, or --behind-proxy where a proxy speaks TLS.")
    if not _is_local(options.host) and not options.allowed:
        raise UsageError(
            f"--host {options.host} lets other machines in: give --allow-host NAME, and --tls-cert and --tls-key or --behind-proxy."
        )


def _judge_certificate(certificate: Path | None, key: Path | None) -> None:
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise UsageError("--tls-cert and --tls-key belong together; give both files.")
    for path in (certificate, key):
        if not path.is_file():
            raise UsageError(f"{path} is no file; give the certificate and its key in PEM form.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise UsageError(f"{certificate} and {key} are no certificate with its key in PEM form, without a passphrase: {error}.") from None


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _taken(host: str, port: int) -> Iterator[socket.socket]:
    """The socket, listening already: who is told the address may come at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise UsageError(f"--host {host} is no address of this machine.") from None
    with socket.socket(family, kind, protocol) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen(128)
        except OSError as error:
            raise UsageError(_why_not(error, host, port)) from None
        yield listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken: another program listens there. Choose another with --port."
    return f"port {port} of {host} cannot be had: {error.strerror}. Choose another with --port."


def _config(app: Callable[..., object], options: ServeOptions) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=LOGGING,
        lifespan="on",
        ws="none",
        server_header=False,
        proxy_headers=options.is_behind_proxy,
        timeout_graceful_shutdown=_PATIENCE_S,
        ssl_certfile=options.tls_cert,
        ssl_keyfile=options.tls_key,
    )


def _address(options: ServeOptions, port: int) -> str:
    if options.is_behind_proxy:
        return f"https://{options.allowed[0]}"
    host = options.allowed[0] if options.allowed else options.host
    return f"{options.scheme}://{f'[{host}]' if ':' in host else host}:{port}"
