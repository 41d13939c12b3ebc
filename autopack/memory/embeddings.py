"""What makes vectors of texts, and which of them a configuration means: a model on this machine, a provider's, or none."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from autopack.core.errors import ProviderBlockedError
from autopack.core.memory_settings import MemorySettings
from autopack.core.models_settings import ModelsSettings
from autopack.core.settings import ApiKey
from autopack.llm.calls.routing import Route, embedding_route
from autopack.memory.local_model import folder_of

Vector = bytes
"""32-bit floats of length one, little-endian."""

_NEEDED: Final = ("sentence_transformers", "torch", "faiss")
_EXTRA: Final = "install autopack[memory]"


class EmbeddingsUnavailableError(Exception):
    """No vector can be made now; the message says why, in a sentence without its full stop."""


class Embedder(Protocol):
    """``model`` names what its vectors may be compared with: only vectors of the same model."""

    @property
    def model(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector for each text. Raises EmbeddingsUnavailableError, and what ends a run where vectors are bought."""
        ...


@dataclass(frozen=True)
class Source:
    """Where vectors come from: a model's ``folder``, or a provider's ``route``; neither, and ``why`` says so.

    ``is_asked_for``: the configuration names it, so that its absence is worth a word.
    """

    folder: Path | None = None
    route: Route | None = None
    why: str = ""
    is_asked_for: bool = False

    @property
    def is_there(self) -> bool:
        return self.folder is not None or self.route is not None


def source_of(memory: MemorySettings, models: ModelsSettings, keys: tuple[ApiKey, ...]) -> Source:
    """Looks only at what is installed, configured and on the disk: nothing is loaded, and nothing is downloaded."""
    match memory.embeddings:
        case "off":
            return Source(why="embeddings are off (memory.yaml)")
        case "openai":
            return _bought(models, keys)
        case "local":
            return _local(memory, is_asked_for=True)
        case "auto":
            return _local(memory, is_asked_for=False)


def _local(memory: MemorySettings, *, is_asked_for: bool) -> Source:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        return Source(why=f"the packages for embeddings are not installed ({_EXTRA})", is_asked_for=is_asked_for)
    folder = folder_of(memory.local_model)
    if folder is None:
        why = f"local_model '{memory.local_model}' is no folder, no installed package and not in the Hugging Face cache"
        return Source(why=why, is_asked_for=is_asked_for)
    return Source(folder=folder, is_asked_for=is_asked_for)


def _bought(models: ModelsSettings, keys: tuple[ApiKey, ...]) -> Source:
    try:
        return Source(route=embedding_route(models, keys), is_asked_for=True)
    except ProviderBlockedError as error:
        return Source(why=str(error).rstrip("."), is_asked_for=True)


def unit(numbers: Sequence[float]) -> Vector:
    """Of length one, whatever length the model gives."""
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return struct.pack(f"<{len(numbers)}f", *(number / length for number in numbers))


def cosine(one: Vector, other: Vector) -> float:
    """Of vectors of one model."""
    return sum(map(float.__mul__, _floats(one), _floats(other)))


def _floats(vector: Vector) -> tuple[float, ...]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
