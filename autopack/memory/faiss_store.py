"""Looks for the nearest vectors by FAISS, exactly. Needs the extra ``memory``."""

from collections.abc import Mapping
from typing import Any

from autopack.memory.embeddings import Vector
from autopack.memory.vector_store import Near


class FaissStore:
    """An index in memory, of inner products, which are cosines of vectors of length one."""

    def __init__(self) -> None:
        self._index: Any = None
        self._ids: tuple[int, ...] = ()

    def fill(self, vectors: Mapping[int, Vector]) -> None:
        import faiss
        import numpy as np

        self._ids, self._index = tuple(vectors), None
        if vectors:
            matrix = np.frombuffer(b"".join(vectors.values()), dtype="<f4").reshape(len(vectors), -1)
            self._index = faiss.IndexFlatIP(matrix.shape[1])
            self._index.add(matrix)

    def nearest(self, vector: Vector, limit: int) -> list[Near]:
        import numpy as np

        if self._index is None:
            return []
        scores, places = self._index.search(np.frombuffer(vector, dtype="<f4").reshape(1, -1), min(limit, len(self._ids)))
        return [(self._ids[place], float(score)) for place, score in zip(places[0], scores[0], strict=True)]
