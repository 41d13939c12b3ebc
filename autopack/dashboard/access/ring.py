"""The keys that tokens are signed with and judged by, and what of them anybody may know."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from autopack.core.errors import InvalidInputError

Source = Literal["env", "generated"]

SMALLEST_BITS: Final = 2048


@dataclass(frozen=True)
class OldKey:
    """A key that signs no more; what it signed holds ``until`` then, in UTC epoch seconds."""

    key: RSAKey
    until: float


@dataclass(frozen=True)
class Ring:
    """``made`` and ``rotated`` in UTC epoch seconds; None where nobody knows, or nothing was rotated yet."""

    source: Source
    signing: RSAKey
    made: float | None = None
    rotated: float | None = None
    old: tuple[OldKey, ...] = ()

    @property
    def kid(self) -> str:
        return self.signing.thumbprint()

    def judging(self, now: float) -> Mapping[str, RSAKey]:
        """Every key whose tokens hold, by its kid."""
        return {key.thumbprint(): key for key in (self.signing, *(one.key for one in self.old if one.until > now))}

    def public(self, now: float) -> list[dict[str, Any]]:
        """Entries of a JWK set: the public parts."""
        return [
            {"kty": "RSA", "alg": "RS256", "use": "sig", "n": parts["n"], "e": parts["e"], "kid": kid}
            for kid, parts in ((kid, key.as_dict(private=False)) for kid, key in self.judging(now).items())
        ]


@lru_cache(maxsize=4)
def read_key(pem: str, where: str) -> RSAKey:
    """Takes line ends that are spelled out, too. Remembered: what makes a key of a PEM proves its primes, which takes 0.2 s.

    Raises InvalidInputError for what is no RSA key, or too small a one.
    """
    text = pem.replace("\\n", "\n").strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a small key, which is refused below
            key = RSAKey.import_key(text)
    except (JoseError, ValueError, TypeError):
        raise InvalidInputError(f"{where} is no RSA key in PEM form; make one with `openssl genrsa 3072`.") from None
    if key.raw_value.key_size < SMALLEST_BITS:
        raise InvalidInputError(f"{where} has {key.raw_value.key_size} bits; an RSA key needs {SMALLEST_BITS} at least.")
    return key
