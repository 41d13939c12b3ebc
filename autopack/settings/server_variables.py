"""The environment's variables that the server reads, and no other command."""

from collections.abc import Mapping
from typing import Final

from autopack.settings.withdrawn import withdraw

PREFIXES: Final = ("AUTOPACK_", "")
"""An application may own the plain names, so Autopack's own come first."""

PRIVATE_KEY: Final = "JWT_PRIVATE_KEY"
PUBLIC_KEY: Final = "JWT_PUBLIC_KEY"
JWT_ISSUER: Final = "JWT_ISSUER"
JWT_AUDIENCE: Final = "JWT_AUDIENCE"
REPOSITORY: Final = "AUTOPACK_REPO"
"""Which repository ``uvicorn autopack.main:app`` shows; default: the working directory."""

OWN_PRIVATE_KEY: Final = PREFIXES[0] + PRIVATE_KEY
OWN: Final = frozenset({REPOSITORY, *(PREFIXES[0] + name for name in (PRIVATE_KEY, PUBLIC_KEY, JWT_ISSUER, JWT_AUDIENCE))})
"""Those that begin like a setting's variable and are none."""


def withdraw_signing_keys() -> None:
    """For the server, as it starts: what it starts itself inherits no key that signs tokens."""
    withdraw([prefix + PRIVATE_KEY for prefix in PREFIXES])


def without_signing_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """What a run is started with."""
    names = {prefix + PRIVATE_KEY for prefix in PREFIXES}
    return {name: value for name, value in environment.items() if name not in names}
