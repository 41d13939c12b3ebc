"""Looks for the nearest vectors in Qdrant: a server's, or a folder of the client's own. Needs the extra ``qdrant``."""

import hashlib
import struct
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from autopack.memory.embeddings import EmbeddingsUnavailableError, Vector
from autopack.memory.vector_store import Near
from autopack.store.memory_vectors import Space

_AT_ONCE: Final = 256
_ENTRY: Final = "entry"
_WORDS: Final = 200


def client_of(place: str, key: str | None) -> Any:  # noqa: ANN401 - of a package that may be absent
    """``place`` is an address with its scheme, ``:memory:``, or a folder."""
    from qdrant_client import QdrantClient

    with _reached():
        if place == ":memory:":
            return QdrantClient(place)
        if "://" in place:
            return QdrantClient(url=place, api_key=key, check_compatibility=False)
        return QdrantClient(path=str(Path(place).expanduser()))


class QdrantStore:
    """A collection of its own for each space. A point is named by its entry and its vector, so that what is there already is known."""

    def __init__(self, client: Any, space: Space) -> None:  # noqa: ANN401 - of a package that may be absent
        self._client = client
        words = f"{space.project}\0{space.collection}\0{space.model}"
        self._name = f"autopack-{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"

    def fill(self, vectors: Mapping[int, Vector]) -> None:
        with _reached():
            self._fill(vectors)

    def nearest(self, vector: Vector, limit: int) -> list[Near]:
        with _reached():
            if not self._is_made():
                return []
            found = self._client.query_points(self._name, query=_numbers(vector), limit=limit, with_payload=True).points
        return [(point.payload[_ENTRY], float(point.score)) for point in found]

    def _fill(self, vectors: Mapping[int, Vector]) -> None:
        from qdrant_client.models import PointIdsList, PointStruct

        wanted = {_point(entry, vector): (entry, vector) for entry, vector in vectors.items()}
        held = set(self._held())
        for gone in _some(held - wanted.keys()):
            self._client.delete(self._name, points_selector=PointIdsList(points=gone))
        if wanted and not self._is_made():
            self._make(len(next(iter(vectors.values()))) // 4)
        for new in _some(wanted.keys() - held):
            points = [PointStruct(id=point, vector=_numbers(wanted[point][1]), payload={_ENTRY: wanted[point][0]}) for point in new]
            self._client.upsert(self._name, points=points, wait=True)

    def _is_made(self) -> bool:
        return bool(self._client.collection_exists(self._name))

    def _make(self, dimensions: int) -> None:
        from qdrant_client.models import Distance, VectorParams

        self._client.create_collection(self._name, vectors_config=VectorParams(size=dimensions, distance=Distance.COSINE))

    def _held(self) -> Iterator[str]:
        place: Any = None
        while self._is_made():
            points, place = self._client.scroll(self._name, limit=_AT_ONCE, offset=place, with_payload=False, with_vectors=False)
            yield from (str(point.id) for point in points)
            if place is None:
                return


def _point(entry: int, vector: Vector) -> str:
    return str(uuid.UUID(bytes=hashlib.sha256(struct.pack("<q", entry) + vector).digest()[:16]))


def _numbers(vector: Vector) -> list[float]:
    return list(struct.unpack(f"<{len(vector) // 4}f", vector))


def _some(points: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(points)
    return (ordered[first : first + _AT_ONCE] for first in range(0, len(ordered), _AT_ONCE))


@contextmanager
def _reached() -> Iterator[None]:
    from qdrant_client.http.exceptions import ApiException

    try:
        yield
    except (ApiException, RuntimeError, ValueError, OSError) as error:
        words = " ".join(str(error).split())[:_WORDS] or type(error).__name__
        raise EmbeddingsUnavailableError(f"Qdrant does not answer ({words})") from error
