"""Keys that anybody may see, what is known of them, and the session of a browser."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response

from autopack.core.model import Frozen
from autopack.dashboard.access.require import cookie_name, require, wrong
from autopack.dashboard.access.scope import Caller, Scope
from autopack.dashboard.bodies import Body, Given
from autopack.dashboard.problems import documented
from autopack.dashboard.server import TheServer

router = APIRouter(prefix="/api/auth", tags=["auth"])

Reader = Annotated[Caller, require(Scope.READ)]


class JsonWebKey(Frozen):
    """The public part of a key; ``kid`` is its thumbprint by RFC 7638."""

    kty: Literal["RSA"]
    alg: Literal["RS256"]
    use: Literal["sig"]
    n: str
    e: str
    kid: str


class JsonWebKeys(Frozen):
    keys: tuple[JsonWebKey, ...]


class OtherKey(Frozen):
    kid: str
    until: float


class KeyStatus(Body):
    """Times in UTC epoch seconds; ``others`` sign no more, and what they signed holds ``until`` then."""

    source: Literal["env", "generated"]
    kid: str
    made: float | None
    rotated: float | None
    others: tuple[OtherKey, ...]


class Opening(Given):
    """The one-time code of the printed address; or a program's token, which the session then has the scope of."""

    code: str = ""
    token: str = ""


class Session(Body):
    """``token`` is what the browser's verbs repeat in the header X-Autopack-Session; None for a program, which needs none."""

    subject: str
    scope: Scope
    expires: float
    token: str | None


@router.get("/.well-known/jwks.json")
def jwks(server: TheServer, response: Response) -> JsonWebKeys:
    """The public keys that tokens are judged by."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return JsonWebKeys.model_validate({"keys": server.access.ring().public(server.clock.now())})


@router.get("/key-status", dependencies=[require(Scope.READ)], responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def key_status(server: TheServer) -> KeyStatus:
    """Where the keys come from, and which of them still hold."""
    ring = server.access.ring()
    others = tuple(OtherKey(kid=old.key.thumbprint(), until=old.until) for old in ring.old if old.until > server.clock.now())
    return KeyStatus(source=ring.source, kid=ring.kid, made=ring.made, rotated=ring.rotated, others=others)


@router.post("/session", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def begin_session(opening: Opening, server: TheServer, request: Request, response: Response) -> Session:
    """Takes the code of the printed address, or a token; the browser is known by a cookie from then on."""
    begun = server.access.session_of(opening.token) if opening.token else server.access.session(opening.code)
    if begun is None:
        what = "this token is not good" if opening.token else "the code of this address is used up or older than a minute"
        raise wrong(server, request, f"{what}; make a token and begin with that.")
    caller, cookie = begun
    is_secure = (server.names.origin(request.scope) or "").startswith("https:")
    age = int(caller.expires - server.clock.now())
    response.set_cookie(cookie_name(request), cookie, max_age=age, path="/", httponly=True, samesite="strict", secure=is_secure)
    return _told(caller)


@router.get("/session", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def session(caller: Reader) -> Session:
    """Who asks, and what the page's verbs have to repeat."""
    return _told(caller)


@router.post("/session/end", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def end_session(_caller: Reader, request: Request, response: Response) -> Session:
    """Takes the cookie from the browser."""
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict")
    return _told(_caller)


def _told(caller: Caller) -> Session:
    return Session(subject=caller.subject, scope=caller.scope, expires=caller.expires, token=caller.session)
