"""Says cheaply whether another process has written since the last look: one pragma on one connection."""

from typing import TYPE_CHECKING, Final

from autopack.store.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LOOKS_PER_COPY: Final = 10


class News:
    """Of a state that somebody only looks at. One of an older version is looked at in a copy, which is made again now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection = database.connection()
        self._version = -1
        self._looks = 0

    def is_there(self) -> bool:
        """Whether anything was written since the last time that this was asked; true the first time."""
        version = int(self._connection.exec_driver_sql("PRAGMA data_version").scalar_one())
        self._connection.rollback()
        is_new, self._version = version != self._version, version
        return is_new

    @property
    def is_stale(self) -> bool:
        """Whether this looks at a copy that should be made again."""
        self._looks += 1
        return self._database.is_copy and self._looks > _LOOKS_PER_COPY

    def close(self) -> None:
        self._connection.close()
