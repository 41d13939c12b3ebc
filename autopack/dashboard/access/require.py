"""Who asks: every route but the open ones requires a scope of its caller."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.access.tokens import BadToken
from autopack.dashboard.guard.refusals import SAFE
from autopack.dashboard.problems import Problem
from autopack.dashboard.server import Server, server_of

SESSION_HEADER: Final = "X-Autopack-Session"
"""A browser's verb repeats here what GET /api/auth/session told it: another page cannot know it."""

_BEARER: Final = "bearer "

_BY_TOKEN: Final = HTTPBearer(bearerFormat="JWT", scheme_name="bearer", description="A token of `autopack serve token`.", auto_error=False)
_BY_COOKIE: Final = APIKeyCookie(
    name="autopack_8100",
    scheme_name="cookie",
    description=f"A browser's session; the name ends with the port. Verbs repeat in {SESSION_HEADER} what `/api/auth/session` tells.",
    auto_error=False,
)
Bearer = Annotated[object, Security(_BY_TOKEN)]
Cookie = Annotated[object, Security(_BY_COOKIE)]
"""For the document alone: it names how a caller is known. ``caller_of`` judges."""


def require(scope: Scope) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """For a route's ``dependencies``, or as the default of its caller."""

    def caller(request: Request, _bearer: Bearer, _cookie: Cookie) -> Caller:
        found = caller_of(request)
        if found is None:
            raise _unknown("say who you are: a token of `autopack serve token` as `Authorization: Bearer`, or the printed address.")
        if not found.scope.covers(scope):
            raise Problem(HTTPStatus.FORBIDDEN, f"this token may only {found.scope}.", f"autopack serve token --scope {scope}")
        if found.session is not None and request.method not in SAFE and request.headers.get(SESSION_HEADER) != found.session:
            raise Problem(HTTPStatus.FORBIDDEN, f"this did not come from the page: {SESSION_HEADER} is not that of the session.")
        return found

    return Depends(caller)


def caller_of(request: Request) -> Caller | None:
    """None for a request that brings no token at all. Raises Problem for a wrong one: 401, and 429 for too many."""
    server = server_of(request)
    given = request.headers.get("authorization")
    if given is not None:
        return _judged(server, request, given[len(_BEARER) :].strip() if given.lower().startswith(_BEARER) else "", is_cookie=False)
    cookies = tuple(_cookies(request))
    for text in cookies[:-1]:
        try:
            return server.access.judge(text, is_cookie=True)
        except BadToken:
            continue  # a page on another port can set a cookie of our name beside ours
    return _judged(server, request, cookies[-1], is_cookie=True) if cookies else None


def cookie_name(request: Request) -> str:
    """With the port: cookies of one host are shared by all its ports."""
    _, port = request.scope.get("server") or ("", 0)
    return f"autopack_{port}"


def wrong(server: Server, request: Request, why: str) -> Problem:
    """The answer to a token or a code that is not good; counts it."""
    address = request.client.host if request.client else ""
    wait_s = server.access.throttle.wrong(address, server.clock.now())
    if wait_s > 0:
        after = {"Retry-After": str(int(wait_s) + 1)}
        return Problem(HTTPStatus.TOO_MANY_REQUESTS, "too many wrong tokens came from here; wait a minute.", headers=after)
    return _unknown(why)


def _judged(server: Server, request: Request, text: str, *, is_cookie: bool) -> Caller:
    try:
        return server.access.judge(text, is_cookie=is_cookie)
    except BadToken as error:
        why = f"{error}; make a new one."
        raise _unknown(why) if error.is_expired else wrong(server, request, why) from None


def _cookies(request: Request) -> Iterator[str]:
    name = cookie_name(request)
    for pair in ";".join(request.headers.getlist("cookie")).split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name and value:
            yield value


def _unknown(why: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, why, "autopack serve token", {"WWW-Authenticate": "Bearer"})
