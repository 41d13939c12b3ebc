"""``autopack serve`` shows runs in a browser; ``serve token`` and ``serve rotate-keys`` say who may look and steer."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from autopack.cli.options import system_clock
from autopack.cli.output import note
from autopack.core.errors import UsageError

if TYPE_CHECKING:
    from autopack.dashboard.access.access import Access

_OBJECTS_BETWEEN_LOOKS: Final = 700
"""Python's own: a command that ends soon looks for garbage less often, a server would grow."""

_PACKAGES: Final = frozenset({"fastapi", "joserfc", "jinja2", "starlette", "uvicorn"})

Port = Annotated[int, typer.Option("--port", metavar="N", help="The port; 0 takes a free one.", min=0, max=65_535)]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on; others need --allow-host and TLS.")]
Repos = Annotated[
    list[Path] | None,
    typer.Option("--repo", metavar="DIR", show_default=False, help="A repository; may be given again. Default: where the shell stands."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
AllowHost = Annotated[
    list[str] | None, typer.Option("--allow-host", metavar="NAME", show_default=False, help="Another name that the server is asked by.")
]
TlsCert = Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", show_default=False, help="The certificate, in PEM form.")]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", show_default=False, help="The certificate's key.")]
BehindProxy = Annotated[bool, typer.Option("--behind-proxy", help="A proxy on this machine speaks TLS for the server.")]
Resume = Annotated[bool, typer.Option("--resume", help="A verb on a run that nobody works on starts `autopack resume` for it.")]
ScopeOption = Annotated[Literal["read", "steer"], typer.Option("--scope", help="What the token allows.")]
Ttl = Annotated[str, typer.Option("--ttl", metavar="1h", help="How long the token holds.")]
Now = Annotated[bool, typer.Option("--now", help="End every token and session at once.")]


def serve(
    *,
    port: Port = 8100,
    host: Host = "127.0.0.1",
    repo: Repos = None,
    open_page: Open = False,
    allow_host: AllowHost = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    behind_proxy: BehindProxy = False,
    resume: Resume = False,
) -> None:
    """Show runs in a browser, live, and let a person answer what is held."""
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    with _server_packages():
        from autopack.dashboard.serving import ServeOptions
        from autopack.dashboard.serving import serve as answer
    options = ServeOptions(
        host=host,
        port=port,
        repositories=tuple(repo or (Path(),)),
        allowed=tuple(name.lower() for name in allow_host or ()),
        tls_cert=tls_cert,
        tls_key=tls_key,
        is_behind_proxy=behind_proxy,
        resumes=resume,
    )
    answer(options, system_clock(), lambda address: _announce(address, opens=open_page))


def token(*, scope: ScopeOption = "read", ttl: Ttl = "1h") -> None:
    """Print a token for programs; the server takes it as `Authorization: Bearer`."""
    from autopack.cli.times import seconds_of

    access = _access()
    from autopack.dashboard.access.scope import Scope

    typer.echo(access.token("cli", Scope(scope), seconds_of(ttl, "--ttl")))


def rotate_keys(*, now: Now = False) -> None:
    """Sign with a new key from now on; what the old one signed holds until it expires."""
    access = _access()
    access.rotate(ends_all=now)
    kid = access.ring().kid
    note(f"the new key is {kid}; " + ("every token and session has ended." if now else "older tokens hold until they expire."))


def _announce(address: str, *, opens: bool) -> None:
    typer.echo(address)
    note("The address is good once, and for a minute. Ctrl-C ends the server.")
    if opens:
        import webbrowser

        webbrowser.open(address)


def _access() -> "Access":
    import secrets

    from autopack.settings.environment import process_environment

    with _server_packages():
        from autopack.dashboard.access.access import Access
    return Access.of(process_environment(), system_clock().now, lambda: secrets.token_urlsafe(32))


@contextmanager
def _server_packages() -> Iterator[None]:
    """Raises UsageError where the packages of the server are not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise UsageError(f"the server needs packages that are not there ({error.name}): pip install 'autopack[server]'") from None
