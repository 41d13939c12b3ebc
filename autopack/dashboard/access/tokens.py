"""Signs and judges tokens: RS256 JWTs in which every claim has to be there and right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import GuestProtocol, RSAKey
from joserfc.jws import JWSRegistry

from autopack.dashboard.access.scope import Caller, Scope

ALGORITHM: Final = "RS256"
LEEWAY_S: Final = 60
LONGEST: Final = 4096
"""Characters of a token; ours have some 700."""

_HEADER: Final = frozenset({"alg", "kid", "typ"})
_SESSION: Final = "session"
_TEXTS: Final = ("iss", "sub", "scope", "jti")


class BadToken(Exception):  # noqa: N818 - what a judge finds
    """``is_expired``: it was good once."""

    def __init__(self, why: str, *, is_expired: bool = False) -> None:
        super().__init__(why)
        self.is_expired = is_expired


@dataclass(frozen=True)
class Parties:
    """Who signs tokens, and for whom."""

    issuer: str = "autopack-backend"
    audience: str = "autopack-clients"

    @property
    def browsers(self) -> str:
        """The audience of what lies in a browser's cookie: it is no token for programs, nor the other way round."""
        return f"{self.audience}/browser"


def sign(key: RSAKey, caller: Caller, parties: Parties, now: float) -> str:
    audience = parties.browsers if caller.session else parties.audience
    claims: dict[str, Any] = {
        "iss": parties.issuer,
        "aud": audience,
        "sub": caller.subject,
        "scope": caller.scope.value,
        "iat": int(now),
        "nbf": int(now),
        "exp": int(caller.expires),
        "jti": caller.token_id,
    }
    if caller.session:
        claims[_SESSION] = caller.session
    return jwt.encode({"alg": ALGORITHM, "kid": key.thumbprint()}, claims, key, algorithms=[ALGORITHM])


def judge(text: str, keys: Mapping[str, RSAKey], parties: Parties, now: float, *, is_cookie: bool = False) -> Caller:
    """``keys`` by their kid. Raises BadToken, which says why and holds nothing of the token."""
    if len(text) > LONGEST:
        raise BadToken("the token is too long")
    audience = parties.browsers if is_cookie else parties.audience
    try:
        token = jwt.decode(text, _key_of(keys), algorithms=[ALGORITHM], registry=JWSRegistry(algorithms=[ALGORITHM]))
        _claims(parties.issuer, audience, int(now)).validate(token.claims)
    except ExpiredTokenError:
        raise BadToken("the token has expired", is_expired=True) from None
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise BadToken(f"the token is not good ({type(error).__name__})") from None
    return _caller(token.claims, token.header["kid"], is_cookie=is_cookie)


def _key_of(keys: Mapping[str, RSAKey]) -> Callable[[GuestProtocol], RSAKey]:
    """Only our own keys, by name: one that comes with the token, or an address of one, is never looked at."""

    def find(signature: GuestProtocol) -> RSAKey:
        head = signature.headers()
        if set(head) - _HEADER:
            raise BadToken("the token's header says more than it may")
        key = keys.get(head["kid"]) if isinstance(head.get("kid"), str) else None
        if key is None:
            raise BadToken("the token is signed by a key that is not ours")
        return key

    return find


def _claims(issuer: str, audience: str, now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        sub={"essential": True},
        scope={"essential": True},
        iat={"essential": True},
        nbf={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )


def _caller(claims: Mapping[str, Any], kid: str, *, is_cookie: bool) -> Caller:
    session = claims.get(_SESSION)
    if not all(isinstance(claims[name], str) for name in _TEXTS) or isinstance(session, str) is not is_cookie:
        raise BadToken("a claim of the token is no text")
    words = claims["scope"].split()
    scope = next((scope for scope in (Scope.STEER, Scope.READ) if scope in words), None)
    if scope is None:
        raise BadToken("the token allows nothing here")
    return Caller(claims["sub"], scope, claims["jti"], float(claims["exp"]), session, kid)
