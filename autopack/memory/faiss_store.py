"""Looks for the nearest vectors by FAISS, exactly. Needs the extra ``memory``."""

from collections.abc import Mapping
from typing import Any

from autopack.memory.embeddings import Vector
from autopack.memory.vector_store import Near


class FaissStore:
    """Compares with all of a matrix in memory by inner products, which are cosines of vectors of length one."""

    def __init__(self) -> None:
        self._matrix: Any = None
        self._ids: tuple[int, ...] = ()

    def fill(self, vectors: Mapping[int, Vector]) -> None:
        import numpy as np

        self._ids, self._matrix = tuple(vectors), None
        if vectors:
            self._matrix = np.frombuffer(b"".join(vectors.values()), dtype="<f4").reshape(len(vectors), -1)

    def nearest(self, vector: Vector, limit: int) -> list[Near]:
        import faiss
        import numpy as np

        if self._matrix is None:
            return []
        asked = np.frombuffer(vector, dtype="<f4").reshape(1, -1)
        scores, places = faiss.knn(asked, self._matrix, min(limit, len(self._ids)), metric=faiss.METRIC_INNER_PRODUCT)
        return [(self._ids[place], float(score)) for place, score in zip(places[0], scores[0], strict=True)]
