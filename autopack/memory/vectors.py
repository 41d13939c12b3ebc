"""Gives the entries of the memory their vectors, and finds what is near in meaning whatever words it has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from autopack.core.memory import Collection
from autopack.memory.embeddings import Embedder, Vector
from autopack.memory.vector_store import Stores
from autopack.store.database import Database
from autopack.store.memory import FoundRow, Wanted
from autopack.store.memory_vectors import (
    BareEntry,
    Space,
    bare_entries,
    count_bare,
    eligible_ids,
    put_vectors,
    rows_of,
    vectors_of,
)

_AT_ONCE: Final = 64


@dataclass(frozen=True)
class Vectors:
    """A model that makes vectors, and where they are compared. ``max_chars`` of a text are embedded."""

    embedder: Embedder
    stores: Stores
    max_chars: int

    @property
    def model(self) -> str:
        return self.embedder.model

    def spaces(self, project: str, collections: Sequence[Collection]) -> list[Space]:
        return [Space(project, collection, self.model) for collection in collections]

    def of(self, text: str) -> Vector:
        return self.embedder.embed([text[: self.max_chars]])[0]


@dataclass(frozen=True)
class NearRow:
    cosine: float
    row: FoundRow


def embed_entries(
    database: Database,
    spaces: Sequence[Space],
    vectors: Vectors,
    *,
    at_most: int | None = None,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Gives a vector to the entries of ``spaces`` that have none, the newest first; ``tell`` hears how many of how many are done.

    What is killed is gone on with: each batch is kept as it comes.
    """
    total, done = sum(count_bare(database, space) for space in spaces), 0
    for space in spaces:
        while some := bare_entries(database, space, min(_AT_ONCE, total - done if at_most is None else at_most - done)):
            made = vectors.embedder.embed([_text(space.collection, entry)[: vectors.max_chars] for entry in some])
            with database.note() as session:
                put_vectors(session.connection(), space.model, zip(some, made, strict=True))
            done += len(some)
            tell(done, max(total, done))
    return done


def nearest(database: Database, wanted: Wanted, vectors: Vectors, asked: Vector) -> tuple[NearRow, ...]:
    """The entries nearest to a text's vector, at most ``wanted.limit``, the nearest first."""
    space = Space(wanted.project, wanted.collection, vectors.model)
    held = vectors_of(database, space)
    if not held:
        return ()
    store = vectors.stores.of(space)
    store.fill(held)
    eligible = eligible_ids(database, wanted) if wanted.is_narrowed else held.keys()
    others = len(held) - len(eligible & held.keys())
    near = [(entry, cosine) for entry, cosine in store.nearest(asked, wanted.limit + others) if entry in eligible][: wanted.limit]
    rows = rows_of(database, [entry for entry, _ in near])
    return tuple(NearRow(cosine, rows[entry]) for entry, cosine in near if entry in rows)


def _text(collection: Collection, entry: BareEntry) -> str:
    """Code as it stands; of all else what it is found by: the task, the failure, the goal."""
    return f"{entry.cue}\n{entry.text}" if collection is Collection.CODE_DOCS else entry.cue
