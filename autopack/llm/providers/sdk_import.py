"""Imports an SDK: when the first client is made, or in a thread while a run is prepared."""

import gc
import threading
from typing import Any, Final

from autopack.llm.providers.api import Sdk

_LOOKS: Final = (700, 10, 10)
"""Python's own defaults for ``gc.set_threshold``."""


def sdk_module(sdk: Sdk) -> Any:  # noqa: ANN401 - a module
    """The whole SDK, imported now if it was not yet.

    Raises:
        MemoryError: its import broke off in another thread, which only a lack of memory does.
    """
    module = sdk.load()
    if not hasattr(module, sdk.last_name):
        raise MemoryError(f"the import of {sdk.name} broke off")
    return module


def import_beside(sdk: Sdk) -> None:
    """Begins to import, in a thread, what a call needs: a second or more. Who needs it sooner waits at the import."""
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
