"""What is remembered of a project: written in whatever transaction brings it about, looked for by words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select

from autopack.core.memory import Collection, Entry
from autopack.core.words import stems
from autopack.store.database import Database
from autopack.store.learned_tables import MemoryRow
from autopack.store.memory_index import WordIndex
from autopack.store.tables import core_table

_TABLE: Final = core_table(MemoryRow)
_OF_COLLECTION: Final = (_TABLE.c.project == bindparam("of_project"), _TABLE.c.collection == bindparam("of_collection"))
_SAME: Final = select(_TABLE.c.id).where(*_OF_COLLECTION, _TABLE.c.source.in_(bindparam("of_sources", expanding=True)))
_NEXT: Final = select(func.coalesce(func.max(_TABLE.c.id), 0) + 1)
_BLOBS: Final = select(_TABLE.c.source, _TABLE.c.blob).where(*_OF_COLLECTION)
_TIMES: Final = select(func.min(_TABLE.c.at).label("oldest"), func.max(_TABLE.c.at).label("newest")).where(*_OF_COLLECTION)
_OF_PHASE: Final = select(_TABLE.c.id, _TABLE.c.project, _TABLE.c.collection).where(
    _TABLE.c.run_id == bindparam("of_run"), _TABLE.c.phase_id == bindparam("of_phase")
)
_COUNT: Final = select(func.count()).select_from(_TABLE).where(*_OF_COLLECTION)
_FILLED: Final = select(_TABLE.c.collection).where(_TABLE.c.project == bindparam("of_project")).distinct()
_ADD: Final = insert(_TABLE)
_AGES: Final = select(_TABLE.c.id, _TABLE.c.at).where(*_OF_COLLECTION).order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc())
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Wanted:
    """What is looked for in one collection of a project; the rows of ``but_run`` and those older than ``since`` are not."""

    project: str
    collection: Collection
    words: Sequence[str]
    limit: int
    since: float = 0.0
    but_run: str = ""
    only_solved: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether some rows of the collection are not looked for, whatever their words."""
        return bool(self.since or self.but_run or self.only_solved)


@dataclass(frozen=True)
class FoundRow:
    source: str
    cue: str
    text: str


@dataclass(frozen=True)
class Found:
    """``rows``, the best first; of ``total`` rows ``frequencies`` hold the words asked for and those of the cues found."""

    rows: tuple[FoundRow, ...] = ()
    total: int = 0
    frequencies: dict[str, int] = field(default_factory=dict)


def remember(connection: Connection, entries: Iterable[Entry], at: float) -> None:
    """Writes them; what was remembered under the same source before is gone."""
    named = {(entry.project, entry.collection, entry.source): entry for entry in entries}
    for project, collection in dict.fromkeys((entry.project, entry.collection) for entry in named.values()):
        of_it = [entry for entry in named.values() if (entry.project, entry.collection) == (project, collection)]
        index = WordIndex.of(project, collection)
        index.make(connection)
        drop(connection, project, collection, [entry.source for entry in of_it])
        numbered = dict(enumerate(of_it, connection.execute(_NEXT).scalar_one()))
        connection.execute(_ADD, [{"id": row_id, "at": at, **_columns(entry)} for row_id, entry in numbered.items()])
        index.add(connection, {row_id: f"{entry.cue}\n{entry.text}" for row_id, entry in numbered.items()})


def forget_phase(connection: Connection, run_id: str, phase: str) -> None:
    """What a phase that was taken back had taught."""
    for row in connection.execute(_OF_PHASE, {"of_run": run_id, "of_phase": phase}).all():
        _remove(connection, WordIndex.of(row.project, row.collection), (row.id,))


def find(database: Database, wanted: Wanted) -> Found:
    with database.read() as session:
        connection = session.connection()
        total = connection.execute(_COUNT, {"of_project": wanted.project, "of_collection": wanted.collection.value}).scalar_one()
        if not total or not wanted.words:
            return Found()
        index = WordIndex.of(wanted.project, wanted.collection)
        rows = connection.execute(_search(index, wanted)).all()
        found = tuple(FoundRow(row.source, row.cue, row.text) for row in rows)
        words = {*wanted.words, *(word for row in found for word in stems(row.cue))}
        return Found(found, total, index.frequencies(connection, sorted(words)))


def count(database: Database, project: str, collection: Collection) -> int:
    ((number,),) = database.rows(_COUNT, of_project=project, of_collection=collection.value)
    return int(number)


def filled(database: Database, project: str) -> tuple[Collection, ...]:
    """The collections that hold something."""
    found = {row.collection for row in database.rows(_FILLED, of_project=project)}
    return tuple(one for one in Collection if one.value in found)


def kept_blobs(database: Database, project: str, collection: Collection) -> dict[str, str]:
    """Source -> the blob that it was read from."""
    return {row.source: row.blob for row in database.rows(_BLOBS, of_project=project, of_collection=collection.value)}


def kept_since(database: Database, project: str, collection: Collection) -> tuple[float, float] | None:
    """When the oldest and the newest entry were written, in UTC epoch seconds."""
    row = database.rows(_TIMES, of_project=project, of_collection=collection.value)[0]
    return None if row.oldest is None else (float(row.oldest), float(row.newest))


def drop(connection: Connection, project: str, collection: Collection, sources: Sequence[str]) -> None:
    """Forgets the entries of these sources."""
    index = WordIndex.of(project, collection)
    for first in range(0, len(sources), _AT_ONCE):
        same = {"of_project": project, "of_collection": collection.value, "of_sources": sources[first : first + _AT_ONCE]}
        _remove(connection, index, connection.execute(_SAME, same).scalars().all())


def prune(connection: Connection, project: str, collection: Collection, since: float, most: int) -> int:
    """Forgets what is older than ``since``, and the oldest of more than ``most``; says how many those were."""
    rows = connection.execute(_AGES, {"of_project": project, "of_collection": collection.value}).all()
    gone = [row.id for place, row in enumerate(rows) if place >= most or row.at < since]
    _remove(connection, WordIndex.of(project, collection), gone)
    return len(gone)


def eligible(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    """The statement, without the entries that are not looked for."""
    if wanted.but_run:
        statement = statement.where(_TABLE.c.run_id != wanted.but_run)
    if wanted.only_solved:
        statement = statement.where(_TABLE.c.is_solved)
    return statement.where(_TABLE.c.at >= wanted.since)


def _search(index: WordIndex, wanted: Wanted) -> Select[Any]:
    statement = (
        select(_TABLE.c.source, _TABLE.c.cue, _TABLE.c.text)
        .select_from(_TABLE.join(index.words, index.words.c.rowid == _TABLE.c.id))
        .where(index.matches(wanted.words))
        .order_by(index.rank, _TABLE.c.source)
        .limit(wanted.limit)
    )
    return eligible(statement, wanted)


def _columns(entry: Entry) -> dict[str, str | bool]:
    kept = entry.model_dump(mode="json")
    return {**kept, "run_id": kept.pop("run"), "phase_id": kept.pop("phase")}


def _remove(connection: Connection, index: WordIndex, row_ids: Sequence[int]) -> None:
    for first in range(0, len(row_ids), _AT_ONCE):
        some = row_ids[first : first + _AT_ONCE]
        index.remove(connection, some)
        connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(some)))
