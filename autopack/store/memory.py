"""What is remembered of a project: written in whatever transaction brings it about, looked for by words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from autopack.core.memory import Collection, Entry
from autopack.core.words import stems
from autopack.store.database import Database
from autopack.store.memory_index import WordIndex
from autopack.store.tables import MemoryRow, core_table

_TABLE: Final = core_table(MemoryRow)
_OF_COLLECTION: Final = (_TABLE.c.project == bindparam("of_project"), _TABLE.c.collection == bindparam("of_collection"))
_SAME: Final = select(_TABLE.c.id).where(*_OF_COLLECTION, _TABLE.c.source == bindparam("of_source"))
_OF_PHASE: Final = select(_TABLE.c.id, _TABLE.c.project, _TABLE.c.collection).where(
    _TABLE.c.run_id == bindparam("of_run"), _TABLE.c.phase_id == bindparam("of_phase")
)
_COUNT: Final = select(func.count()).select_from(_TABLE).where(*_OF_COLLECTION)
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
    for entry in entries:
        index = WordIndex.of(entry.project, entry.collection)
        index.make(connection)
        same = {"of_project": entry.project, "of_collection": entry.collection.value, "of_source": entry.source}
        _remove(connection, index, connection.execute(_SAME, same).scalars().all())
        kept = entry.model_dump(mode="json", exclude={"run", "phase"})
        added = connection.execute(_ADD, {**kept, "run_id": entry.run, "phase_id": entry.phase, "at": at})
        ((row_id,),) = (added.inserted_primary_key,) if added.inserted_primary_key else ((0,),)
        index.add(connection, row_id, f"{entry.cue}\n{entry.text}")


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


def prune(connection: Connection, project: str, collection: Collection, since: float, most: int) -> int:
    """Forgets what is older than ``since``, and the oldest of more than ``most``; says how many those were."""
    rows = connection.execute(_AGES, {"of_project": project, "of_collection": collection.value}).all()
    gone = [row.id for place, row in enumerate(rows) if place >= most or row.at < since]
    _remove(connection, WordIndex.of(project, collection), gone)
    return len(gone)


def _search(index: WordIndex, wanted: Wanted) -> Any:  # noqa: ANN401 - a SELECT of any columns
    statement = (
        select(_TABLE.c.source, _TABLE.c.cue, _TABLE.c.text)
        .select_from(_TABLE.join(index.words, index.words.c.rowid == _TABLE.c.id))
        .where(index.matches(wanted.words), _TABLE.c.at >= wanted.since)
        .order_by(index.rank, _TABLE.c.source)
        .limit(wanted.limit)
    )
    if wanted.but_run:
        statement = statement.where(_TABLE.c.run_id != wanted.but_run)
    return statement.where(_TABLE.c.is_solved) if wanted.only_solved else statement


def _remove(connection: Connection, index: WordIndex, row_ids: Sequence[int]) -> None:
    for first in range(0, len(row_ids), _AT_ONCE):
        some = row_ids[first : first + _AT_ONCE]
        index.remove(connection, some)
        connection.execute(delete(_TABLE).where(_TABLE.c.id.in_(some)))
