"""SQL that one engine of a process has compiled is compiled for all of them, and for the process's children."""

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache


def share_compiled_sql() -> None:
    """All engines take one dialect for another, and have one cache of compiled statements."""
    SQLiteDialect_pysqlite.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    SQLiteDialect_pysqlite.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    compiled, make = LRUCache(2000), Engine.__init__

    def made(self: Engine, *rest: object, **named: object) -> None:
        make(self, *rest, **named)
        self._compiled_cache = compiled

    Engine.__init__ = made  # type: ignore[method-assign]
