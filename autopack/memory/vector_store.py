"""Where the nearest vectors are looked for. A store is filled from the state, which alone keeps vectors, and can be thrown away."""

from collections.abc import Mapping
from functools import cached_property
from heapq import nlargest
from importlib.util import find_spec
from typing import Any, Protocol

from autopack.core.errors import InvalidInputError
from autopack.core.memory_settings import MemorySettings
from autopack.memory.embeddings import Vector, cosine
from autopack.store.memory_vectors import Space

Near = tuple[int, float]
"""The id of an entry, and the cosine of its vector and the one that was asked for."""


class VectorStore(Protocol):
    def fill(self, vectors: Mapping[int, Vector]) -> None:
        """Holds these afterwards, and no others."""
        ...

    def nearest(self, vector: Vector, limit: int) -> list[Near]:
        """The nearest first."""
        ...


class PlainStore:
    """Compares with each vector in turn: for vectors of a provider where faiss is not installed."""

    def __init__(self) -> None:
        self._vectors: Mapping[int, Vector] = {}

    def fill(self, vectors: Mapping[int, Vector]) -> None:
        self._vectors = vectors

    def nearest(self, vector: Vector, limit: int) -> list[Near]:
        return nlargest(limit, ((entry, cosine(vector, held)) for entry, held in self._vectors.items()), key=lambda near: near[1])


class Stores:
    """The store of each space, as the configuration says. Close it at the end.

    Raises:
        InvalidInputError: the configuration names Qdrant without saying where, or without its package.
    """

    def __init__(self, settings: MemorySettings, key: str | None) -> None:
        """``key`` is Qdrant's, where it wants one."""
        if settings.store == "qdrant":
            _judge(settings)
        self._settings = settings
        self._key = key

    def of(self, space: Space) -> VectorStore:
        if self._settings.store == "qdrant":
            from autopack.memory.qdrant_store import QdrantStore

            return QdrantStore(self._client, space)
        if find_spec("faiss") is None:
            return PlainStore()
        from autopack.memory.faiss_store import FaissStore

        return FaissStore()

    def close(self) -> None:
        if "_client" in vars(self):
            self._client.close()

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - of a package that may be absent
        from autopack.memory.qdrant_store import client_of

        return client_of(self._settings.qdrant.url or "", self._key)


def _judge(settings: MemorySettings) -> None:
    if settings.qdrant.url is None:
        raise InvalidInputError("memory.yaml: store is qdrant, and qdrant.url does not say where: give an address, or a folder.")
    if find_spec("qdrant_client") is None:
        raise InvalidInputError("memory.yaml: store is qdrant, and its package is not installed: install autopack[qdrant], or use faiss.")
