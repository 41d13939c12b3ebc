"""Imports an SDK when a call is made, or in a thread beside something else that a run begins with."""

import gc
import threading
from typing import Any, Final

from autopack.llm.providers.api import Sdk

_LOOKS: Final = (700, 10, 10)
"""Python's own measure: new objects between two looks at the youngest, then looks between those at the older ones."""


def sdk_module(sdk: Sdk) -> Any:  # noqa: ANN401 - a module
    """The whole SDK, imported now if it was not yet.

    Raises:
        MemoryError: its import broke off in another thread, where nobody could be told; nothing else ends one half way.
    """
    module = sdk.load()
    if not hasattr(module, sdk.last_name):
        raise MemoryError(f"the import of {sdk.name} broke off")
    return module


def import_beside(sdk: Sdk) -> None:
    """Begins to import, in a thread, what a call needs: a second or more. Whoever needs it sooner waits for it at the import."""
    threading.Thread(target=_import, args=(sdk,), name="autopack-import", daemon=True).start()


def _import(sdk: Sdk) -> None:
    try:
        sdk_module(sdk)
        import genai_prices.data  # 0.2 s, for its effect on the next import
    except (MemoryError, OSError, ImportError, SystemError):  # whoever needs it meets it again, and ends the run with a sentence
        return
    del genai_prices
    gc.freeze()  # from here on a run makes garbage: it is looked for often, but no more among what was imported
    gc.set_threshold(*_LOOKS)
