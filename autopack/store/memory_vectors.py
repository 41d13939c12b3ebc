"""What an embedding model made of the entries of the memory. A row goes with its entry; vectors of another model are as good as none."""

from collections.abc import Collection as CollectionOf
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import Connection, LargeBinary, String, and_, bindparam, delete, func, insert, or_, select

from autopack.core.memory import Collection
from autopack.store.database import Database
from autopack.store.learned_tables import MemoryRow, MemoryVectorRow
from autopack.store.memory import FoundRow, Wanted, eligible
from autopack.store.tables import core_table

_ENTRY: Final = core_table(MemoryRow)
_TABLE: Final = core_table(MemoryVectorRow)
_OF_COLLECTION: Final = (_ENTRY.c.project == bindparam("of_project"), _ENTRY.c.collection == bindparam("of_collection"))
_BY_MODEL: Final = and_(_TABLE.c.memory_id == _ENTRY.c.id, _TABLE.c.model == bindparam("of_model"))
_VECTORS: Final = select(_ENTRY.c.id, _TABLE.c.vector).join_from(_ENTRY, _TABLE, _BY_MODEL).where(*_OF_COLLECTION)
_COUNT: Final = select(func.count()).join_from(_ENTRY, _TABLE, _BY_MODEL).where(*_OF_COLLECTION)
_LACKING: Final = (*_OF_COLLECTION, _TABLE.c.memory_id.is_(None), or_(_ENTRY.c.cue != "", _ENTRY.c.text != ""))
_WITHOUT: Final = (
    select(_ENTRY.c.id, _ENTRY.c.source, _ENTRY.c.cue, _ENTRY.c.text)
    .join_from(_ENTRY, _TABLE, _BY_MODEL, isouter=True)
    .where(*_LACKING)
    .order_by(_ENTRY.c.at.desc(), _ENTRY.c.id.desc())
    .limit(bindparam("at_most"))
)
_COUNT_WITHOUT: Final = select(func.count()).join_from(_ENTRY, _TABLE, _BY_MODEL, isouter=True).where(*_LACKING)
_STILL_THERE: Final = select(_ENTRY.c.id, bindparam("by_model", type_=String), bindparam("as_vector", type_=LargeBinary)).where(
    _ENTRY.c.id == bindparam("of_entry"), _ENTRY.c.source == bindparam("of_source")
)
_PUT: Final = insert(_TABLE).prefix_with("OR REPLACE").from_select(["memory_id", "model", "vector"], _STILL_THERE)
_OF_PROJECT: Final = select(_ENTRY.c.id).where(_ENTRY.c.project == bindparam("of_project"))
_DROP_OTHERS: Final = delete(_TABLE).where(_TABLE.c.model != bindparam("but_model"), _TABLE.c.memory_id.in_(_OF_PROJECT))
_ROWS: Final = select(_ENTRY.c.id, _ENTRY.c.source, _ENTRY.c.cue, _ENTRY.c.text).where(_ENTRY.c.id.in_(bindparam("of_ids", expanding=True)))


@dataclass(frozen=True)
class Space:
    """Vectors that may be compared: those that one model made of one collection of a project."""

    project: str
    collection: Collection
    model: str

    @property
    def parameters(self) -> dict[str, str]:
        return {"of_project": self.project, "of_collection": self.collection.value, "of_model": self.model}


@dataclass(frozen=True)
class BareEntry:
    """An entry that has no vector yet."""

    id: int
    source: str
    cue: str
    text: str


def vectors_of(database: Database, space: Space) -> dict[int, bytes]:
    """Vectors by the ids of their entries; the database sorts none of them, since they are many."""
    return dict(cast("Iterable[tuple[int, bytes]]", database.rows(_VECTORS, **space.parameters)))


def count_vectors(database: Database, space: Space) -> int:
    ((number,),) = database.rows(_COUNT, **space.parameters)
    return int(number)


def count_bare(database: Database, space: Space) -> int:
    ((number,),) = database.rows(_COUNT_WITHOUT, **space.parameters)
    return int(number)


def bare_entries(database: Database, space: Space, at_most: int) -> tuple[BareEntry, ...]:
    """Entries that the space has no vector of, the newest first; those without a word never get one."""
    rows = database.rows(_WITHOUT, **space.parameters, at_most=at_most)
    return tuple(BareEntry(row.id, row.source, row.cue, row.text) for row in rows)


def put_vectors(connection: Connection, model: str, vectors: Iterable[tuple[BareEntry, bytes]]) -> None:
    """Writes them, where their entries are still there, in place of those of another model."""
    rows = [{"of_entry": entry.id, "of_source": entry.source, "by_model": model, "as_vector": vector} for entry, vector in vectors]
    if rows:
        connection.execute(_PUT, rows)


def drop_other_models(connection: Connection, project: str, model: str) -> int:
    """Forgets the vectors that another model made of the project's entries; says how many those were."""
    return connection.execute(_DROP_OTHERS, {"of_project": project, "but_model": model}).rowcount


def eligible_ids(database: Database, wanted: Wanted) -> frozenset[int]:
    """The entries that are looked for, whatever their words."""
    return frozenset(row.id for row in database.rows(eligible(select(_ENTRY.c.id).where(*_OF_COLLECTION), wanted), **_place(wanted)))


def rows_of(database: Database, ids: CollectionOf[int]) -> Mapping[int, FoundRow]:
    found = database.rows(_ROWS, of_ids=list(ids))
    return {row.id: FoundRow(row.source, row.cue, row.text) for row in found}


def _place(wanted: Wanted) -> dict[str, str]:
    return {"of_project": wanted.project, "of_collection": wanted.collection.value}
