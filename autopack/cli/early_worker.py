"""What can begin while a command's modules are still being imported."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from autopack.settings.withdrawn import withdrawn

if TYPE_CHECKING:
    from autopack.llm.providers.worker import Worker

_SDKS: Final = {"ANTHROPIC_API_KEY": "anthropic", "ANTHROPIC_AUTH_TOKEN": "anthropic", "OPENAI_API_KEY": "openai"}
"""Which SDK a key is for, most likely: the configuration that says it for certain is not read yet."""

_ASKING: Final = frozenset({"run", "resume"})
_ASKS_NOBODY: Final = frozenset({"-h", "--help", "--dry-run", "--replay"})


def begin_worker(command: str, arguments: Sequence[str]) -> "Worker | None":
    """A worker that imports the SDK, for a command that will ask a model."""
    words = {word.partition("=")[0] for word in arguments}
    is_asking = (command in _ASKING or "--live" in words) and not words & _ASKS_NOBODY
    sdk = next((sdk for name, sdk in _SDKS.items() if name in withdrawn()), None)
    if not is_asking or sdk is None:
        return None
    from autopack.llm.providers.forking import fork_worker  # pydantic: not for a program that only starts

    return fork_worker(sdk)
