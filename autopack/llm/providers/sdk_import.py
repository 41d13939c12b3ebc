"""The official SDKs as modules: imported when a call is made, or beside something else that a run begins with."""

import gc
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from autopack.llm.providers.table import APIS
from autopack.llm.wire import ApiName

_LAST_NAME: Final = "Stream"
"""Both SDKs have it, once they are imported to their end."""

_LOOKS: Final = (700, 10, 10)
"""Python's own measure: new objects between two looks at the youngest, then looks between those at the older ones."""


def sdk_modules(name: str) -> tuple[Any, Any]:
    """The SDK by its name, and its HTTP library; imported where they were not yet."""
    import httpx2  # with the SDKs

    sdk = _IMPORTS[name]()
    if not hasattr(sdk, _LAST_NAME):
        raise MemoryError(f"the import of {name} broke off")  # beside, where nobody could be told; nothing else ends one half way
    return sdk, httpx2


def import_beside(api: ApiName) -> None:
    """Begins to import, in a thread, what calls by this API need: a second or more. Whoever needs it sooner waits for it at the import."""
    threading.Thread(target=_import, args=(APIS[api].sdk,), name="autopack-import", daemon=True).start()


def _import(sdk: str) -> None:
    try:
        sdk_modules(sdk)
        import genai_prices.data  # 0.2 s, for its effect on the next import
    except (MemoryError, OSError, ImportError, SystemError):  # whoever needs it meets it again, and ends the run with a sentence
        return
    del genai_prices
    gc.freeze()  # from here on a run makes garbage: it is looked for often, but no more among what was imported
    gc.set_threshold(*_LOOKS)


def _anthropic() -> ModuleType:
    import anthropic  # only when a call is made

    return anthropic


def _openai() -> ModuleType:
    import openai  # only when a call is made

    return openai


_IMPORTS: Final[dict[str, Callable[[], ModuleType]]] = {"anthropic": _anthropic, "openai": _openai}
