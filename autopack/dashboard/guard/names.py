"""The names that a server answers to, each with its own port: a page that made its name lead here is not let in."""

from dataclasses import dataclass
from typing import Final

from autopack.dashboard.guard.asgi import Scope, header

LOCAL: Final = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Names:
    """``allowed`` are those of ``--allow-host``. Behind a proxy, which speaks TLS, they stand as its clients write them."""

    allowed: tuple[str, ...] = ()
    is_behind_proxy: bool = False

    def origin(self, scope: Scope) -> str | None:
        """The origin that a request was made to; None where its Host is not ours."""
        host, (_, port) = header(scope, b"host"), scope.get("server") or ("", None)
        if host is None:
            return None
        host, scheme = host.lower(), "https" if scope["scheme"] in ("https", "wss") else "http"
        if self.is_behind_proxy:
            for name in self.allowed:
                if host in _written(name, _DEFAULT_PORTS["https"], "https"):
                    return f"https://{name}"
        names = LOCAL if self.is_behind_proxy else (*LOCAL, *self.allowed)
        return f"{scheme}://{host}" if any(host in _written(name, port, scheme) for name in names) else None


def _written(name: str, port: int | None, scheme: str) -> tuple[str, ...]:
    """How a browser writes a name with a port: the scheme's own is left out."""
    return (f"{name}:{port}", name) if _DEFAULT_PORTS[scheme] == port else (f"{name}:{port}",)
