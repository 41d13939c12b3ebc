"""Imports what a first call needs while something else is being done."""

import gc
import threading
from typing import Final

from autopack.llm.providers.worker import Worker
from autopack.llm.wire import ApiName

_SDKS: Final[dict[ApiName, str]] = {"anthropic": "anthropic", "openai-responses": "openai", "openai-chat": "openai"}

_LOOKS: Final = (700, 10, 10)
"""Python's own measure: new objects between two looks at the youngest, then looks between those at the older ones."""


def warm(api: ApiName, worker: Worker | None = None) -> threading.Thread:
    """Begins to import what calls by this API need in the background; their SDK in the worker, where there is one."""
    thread = threading.Thread(target=_import, args=(_SDKS[api], worker), name="autopack-warm", daemon=True)
    thread.start()
    return thread


def warm_prices() -> None:
    import genai_prices.data  # 0.2 s, for its effect on the next import

    del genai_prices


def look_for_garbage() -> None:
    """From here on a run makes garbage: often, but no more among what was imported."""
    gc.freeze()
    gc.set_threshold(*_LOOKS)


def _import(sdk: str, worker: Worker | None) -> None:
    from autopack.llm.providers.exchange import sdk_modules  # the SDKs' one home

    if worker is None:
        sdk_modules(sdk)
    else:
        worker.prepare(sdk)
    warm_prices()
    look_for_garbage()
