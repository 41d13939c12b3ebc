"""Headers that tell a gateway which run, phase, role and attempt a request belongs to."""

import re
from collections.abc import Mapping
from typing import Final

from autopack.core.call import Asking
from autopack.core.settings import ProviderSettings
from autopack.llm.providers.connection import Connection

_HARMLESS: Final = re.compile(r"[^A-Za-z0-9._/-]")
_LONGEST: Final = 128


def attribution(asking: Asking, provider: ProviderSettings, connection: Connection) -> Mapping[str, str]:
    """Sent to any base URL but the vendor's own, unless ``attribution_headers`` of the provider says otherwise."""
    is_wanted = provider.attribution_headers if provider.attribution_headers is not None else not connection.is_vendor
    if not is_wanted:
        return {}
    return {
        "X-Autopack-Run": _harmless(asking.run),
        "X-Autopack-Phase": _harmless(asking.phase),
        "X-Autopack-Role": asking.role.value,
        "X-Autopack-Attempt": str(asking.attempt),
    }


def _harmless(value: str) -> str:
    return _HARMLESS.sub("_", value)[:_LONGEST]
