"""What is refused before any route is asked: names that are not ours, and what another page in the same browser sent."""

from http import HTTPStatus
from typing import Final

from autopack.dashboard.guard.asgi import Scope, header
from autopack.dashboard.guard.names import Names
from autopack.dashboard.problems import Problem

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_BODY: Final = 256 * 1024

OF_ALL: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.MISDIRECTED_REQUEST)
"""What any request may be refused with."""

OF_CHANGES: Final = (HTTPStatus.LENGTH_REQUIRED, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
"""What a request with a body may be refused with besides."""

_OWN: Final = frozenset({None, "none", "same-origin"})
"""What ``Sec-Fetch-Site`` says of a request that no other page made; programs do not send it."""


def refusal(scope: Scope, names: Names) -> Problem | None:
    """None for a request that may go on; who asks, and for what, is judged by the routes."""
    origin = names.origin(scope)
    if origin is None:
        return Problem(
            HTTPStatus.MISDIRECTED_REQUEST,
            f"this server is not called '{(header(scope, b'host') or '')[:100]}': ask it by the address that it printed, "
            "or start it with --allow-host NAME.",
        )
    if "websocket" in (header(scope, b"upgrade") or "").lower():
        return Problem(HTTPStatus.FORBIDDEN, "there are no websockets here; live events are at /runs/ID/events.")
    return _reading(scope) if scope["method"] in SAFE else _changing(scope, origin)


def _reading(scope: Scope) -> Problem | None:
    """Another page may lead here, as a link does, but embed nothing of this."""
    if header(scope, b"sec-fetch-site") in _OWN:
        return None
    is_a_link = header(scope, b"sec-fetch-mode") == "navigate" and header(scope, b"sec-fetch-dest") == "document"
    return None if is_a_link else Problem(HTTPStatus.FORBIDDEN, "another page asked for this; open it by its own address.")


def _changing(scope: Scope, origin: str) -> Problem | None:
    """A program, which names no origin, has to show a token of its own: no browser sends that by itself."""
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as `Content-Type: application/json`.")
    length = header(scope, b"content-length") or "0"
    if header(scope, b"transfer-encoding") is not None or not (length.isascii() and length.isdigit()):
        return Problem(HTTPStatus.LENGTH_REQUIRED, "say how long the body is (Content-Length).")
    if int(length[:20]) > LONGEST_BODY:
        return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is longer than {LONGEST_BODY:,} bytes.")
    told, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
    is_program = told is None and site is None and header(scope, b"authorization") is not None
    if is_program or (told == origin and site in (None, "same-origin")):
        return None
    return Problem(HTTPStatus.FORBIDDEN, f"this came from another page ({(told or 'of no origin')[:100]}); only {origin} may ask for it.")
