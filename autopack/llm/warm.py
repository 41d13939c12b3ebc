"""Imports what a first call needs while something else is being done."""

import threading
from typing import Final

from autopack.llm.wire import ApiName

_SDKS: Final[dict[ApiName, str]] = {"anthropic": "anthropic", "openai-responses": "openai", "openai-chat": "openai"}


def warm(api: ApiName) -> threading.Thread:
    """Begins to import the API's SDK in the background."""
    thread = threading.Thread(target=_import, args=(_SDKS[api],), name="autopack-warm", daemon=True)
    thread.start()
    return thread


def warm_prices() -> None:
    import genai_prices.data  # 0.2 s, for its effect on the next import

    del genai_prices


def _import(sdk: str) -> None:
    from autopack.llm.providers.exchange import sdk_modules  # the SDKs' one home

    sdk_modules(sdk)
    warm_prices()
