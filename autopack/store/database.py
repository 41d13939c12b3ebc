"""The SQLite file: opened, migrated, and written in short transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import Session

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import header, migrations
from autopack.store.ballast import Ballast
from autopack.store.late import Late
from autopack.store.trouble import machine_trouble

BUSY_TIMEOUT_MS = 30_000


class Database:
    """One SQLite file; ``write()`` is one immediate transaction, ``read()`` a consistent view."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self.path = path
        self.ballast = Ballast(path.with_name(f"{path.name}.ballast"))
        self.late = Late(path)

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Opens or makes the file and brings its schema up to date.

        Raises:
            EnvironmentBlockedError: the folder cannot be written, the file is no Autopack database, or it is newer.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with machine_trouble(path):
                header.claim(path)
                engine = _engine(path)
                with engine.connect() as connection:
                    migrations.migrate(connection, path)
        except (OSError, OperationalError) as error:
            raise EnvironmentBlockedError(f"{path}: the state database cannot be opened: {_reason(error)}.") from error
        except (DatabaseError, sqlite3.Error) as error:
            raise EnvironmentBlockedError(f"{path}: the state database cannot be read: {_reason(error)}.") from error
        database = cls(engine, path)
        with suppress(EnvironmentBlockedError):  # still locked: a start waits for it, who only looks does not
            database.late.take_in(0)
        return database

    def take_in(self) -> None:
        """Before a start goes by what is stored; raises EnvironmentBlockedError where the file stays locked."""
        self.late.take_in(BUSY_TIMEOUT_MS / 1000)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One ``BEGIN IMMEDIATE`` transaction; committed at the end, rolled back on any exception.

        Raises:
            EnvironmentBlockedError: the disk is full, or another process kept the file locked.
        """
        with self._session("IMMEDIATE") as session:
            session.connection()
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; writes are not kept."""
        with self._session("DEFERRED") as session:
            yield session

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _session(self, kind: str) -> Iterator[Session]:
        with machine_trouble(self.path):
            connection = self._engine.connect().execution_options(begin=kind)
        with machine_trouble(self.path), connection, Session(connection, expire_on_commit=False) as session:
            yield session


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).rstrip(".")
