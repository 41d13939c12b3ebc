"""Keys that the environment gives: a pair in ``JWT_PRIVATE_KEY`` and ``JWT_PUBLIC_KEY``, or in Autopack's own variables."""

from collections.abc import Mapping
from typing import Final

from autopack.core.errors import InvalidInputError
from autopack.dashboard.access.ring import Ring, read_key
from autopack.dashboard.access.tokens import Parties
from autopack.settings.server_variables import JWT_AUDIENCE, JWT_ISSUER, PREFIXES, PRIVATE_KEY, PUBLIC_KEY

_DEFAULT: Final = Parties()


def parties_of(environment: Mapping[str, str]) -> Parties:
    return Parties(_first(environment, JWT_ISSUER) or _DEFAULT.issuer, _first(environment, JWT_AUDIENCE) or _DEFAULT.audience)


def environment_ring(environment: Mapping[str, str]) -> Ring | None:
    """None where neither key is set. Raises InvalidInputError for a pair that is none.

    An application may own the plain names: where one of ``AUTOPACK_JWT_...`` is set, the plain ones are not looked at.
    """
    for prefix in PREFIXES:
        private, public = environment.get(prefix + PRIVATE_KEY, ""), environment.get(prefix + PUBLIC_KEY, "")
        if private or public:
            return _ring(prefix, private, public)
    return None


def _ring(prefix: str, private: str, public: str) -> Ring:
    name, public_name = prefix + PRIVATE_KEY, prefix + PUBLIC_KEY
    if not private:
        raise InvalidInputError(f"{public_name} is set without {name}: the server signs tokens, so set both or neither.")
    key = read_key(private, name)
    if not key.is_private:
        raise InvalidInputError(f"{name} holds a public key; set the private one.")
    if public and read_key(public, public_name).thumbprint() != key.thumbprint():
        raise InvalidInputError(f"{public_name} does not belong to {name}; set the two halves of one pair, or the private one alone.")
    return Ring("env", key)


def _first(environment: Mapping[str, str], name: str) -> str | None:
    return next((value for prefix in PREFIXES if (value := environment.get(prefix + name, "").strip())), None)
