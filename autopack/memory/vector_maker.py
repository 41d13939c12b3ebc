"""What one start makes vectors with: the configured model, loaded once and only when a text comes, and the stores."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from autopack.core.memory_settings import MemorySettings
from autopack.core.settings import ApiKey, Settings
from autopack.llm.calls.routing import Route
from autopack.memory.embeddings import Embedder, Source, source_of
from autopack.memory.local_model import LocalModel
from autopack.memory.vector_store import Stores
from autopack.memory.vectors import Vectors


@dataclass(frozen=True)
class VectorMaker:
    """Close it at the end."""

    settings: MemorySettings
    source: Source
    stores: Stores

    @classmethod
    def of(cls, settings: Settings, keys: tuple[ApiKey, ...], environment: Mapping[str, str]) -> "VectorMaker":
        """Loads nothing. Raises InvalidInputError where the configuration asks for a store that there is not."""
        memory = settings.memory
        return cls(memory, source_of(memory, settings.models, keys), Stores(memory, environment.get(memory.qdrant.api_key_env)))

    def vectors(self, buy: Callable[[Route], Embedder]) -> Vectors | None:
        """``buy`` gives what buys vectors of a provider. None where there is no model."""
        if self.source.route is not None:
            return Vectors(buy(self.source.route), self.stores, self.settings.max_embed_chars)
        return self._local

    def close(self) -> None:
        self.stores.close()

    @cached_property
    def _local(self) -> Vectors | None:
        folder = self.source.folder
        return Vectors(LocalModel(folder), self.stores, self.settings.max_embed_chars) if folder else None
