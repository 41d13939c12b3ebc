"""What was derived of blobs, by a key that names blob and form: it can be derived again at any time, so the newest are kept and no more."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, literal_column, select

from autopack.store.database import Database
from autopack.store.learned_tables import DigestRow
from autopack.store.tables import core_table

KEPT: Final = 20_000
_AT_ONCE: Final = 500
_TABLE: Final = core_table(DigestRow)
_AGE: Final[ColumnElement[int]] = literal_column("rowid")
_FIND: Final = select(_TABLE.c.key, _TABLE.c.data).where(_TABLE.c.key.in_(bindparam("of_keys", expanding=True)))
_KEEP: Final = insert(_TABLE).prefix_with("OR IGNORE")
_NEWEST: Final = select(func.max(_AGE)).select_from(_TABLE).scalar_subquery()
_DROP: Final = delete(_TABLE).where(_NEWEST - bindparam("kept") >= _AGE)


class Digests:
    """Those of one repository."""

    def __init__(self, database: Database, kept: int = KEPT) -> None:
        self._database = database
        self._kept = kept

    def find(self, keys: Sequence[str]) -> dict[str, bytes]:
        """What is kept of these."""
        found: dict[str, bytes] = {}
        for first in range(0, len(keys), _AT_ONCE):
            rows = self._database.rows(_FIND, of_keys=keys[first : first + _AT_ONCE])
            found.update((row.key, row.data) for row in rows)
        return found

    def keep(self, made: Iterable[tuple[str, bytes]]) -> None:
        """Writes them, and forgets the oldest. Of a state that is looked at only (a dry run's) nothing is even made."""
        if self._database.is_copy:
            return
        rows = [{"key": key, "data": data} for key, data in made]
        if rows:
            with self._database.note() as session:
                session.connection().execute(_KEEP, rows)
                session.connection().execute(_DROP, {"kept": self._kept})
