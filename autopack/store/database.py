"""Opens and migrates the SQLite file, writes it in short transactions. Only pragmas, ``BEGIN`` and ``VACUUM`` are SQL as text here."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Row, Select, StaticPool, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from autopack.core.errors import EnvironmentBlockedError
from autopack.store import file_ownership, migrations
from autopack.store.disk_reserve import DiskReserve
from autopack.store.sqlite_errors import explained, is_locked, waiting_sentence

BUSY_TIMEOUT_MS = 30_000

LASTING: Final = {"begin": "BEGIN IMMEDIATE", "synchronous": "FULL"}
"""Execution options of a transaction that writes, and that a power cut does not undo: the disk is waited for."""

HASTY: Final = {"begin": "BEGIN IMMEDIATE", "synchronous": "NORMAL"}
"""Of one that writes, and that waits for no disk."""

VIEW: Final = {"begin": "BEGIN"}
"""Of several reads that see one state."""

_ONE_READ: Final = {"begin": ""}
"""Of a single SELECT, which is a view of its own."""


class Database:
    """One SQLite file; ``write()`` is one immediate transaction, ``read()`` a consistent view."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._lasting = engine.execution_options(**LASTING)
        self._hasty = engine.execution_options(**HASTY)
        self._view = engine.execution_options(**VIEW)
        self._one_read = engine.execution_options(**_ONE_READ)
        self.path = path
        self.reserve = DiskReserve(path.with_name(f"{path.name}.ballast"))
        self._say: Callable[[str], None] | None = None
        self._telling = Lock()
        self._is_told = False

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Opens or makes the file and brings its schema up to date.

        Raises:
            EnvironmentBlockedError: the folder cannot be written, the file is no Autopack database, or it is newer.
        """
        with opening(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            file_ownership.claim(path)
            engine = engine_of(path)
            with engine.connect() as connection:
                migrations.migrate(connection, path)
        return cls(engine, path)

    @classmethod
    def copy_of(cls, path: Path) -> "Database":
        """The state as it is now, in memory; empty where there is no file yet. Nothing is made or changed on the disk.

        Raises:
            EnvironmentBlockedError: the file cannot be read, is no Autopack database, or it is newer.
        """
        engine = _listened_to(create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}))
        with opening(path), engine.connect() as connection:
            if file_ownership.is_ours(path):
                # Even a reader makes files beside one that has no journal now, unless it is told that nobody writes.
                nobody_writes = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
                with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{nobody_writes}", uri=True)) as file:
                    file.backup(connection.connection.driver_connection)  # type: ignore[arg-type]
            migrations.migrate(connection, path)
        return cls(engine, path)

    @classmethod
    def look_at(cls, path: Path) -> "Database":
        """For whoever only reads: the file itself where it is of this version, else ``copy_of`` it; nothing is made or upgraded.

        Raises as ``copy_of``.
        """
        with opening(path):
            if file_ownership.is_ours(path):
                engine = engine_of(path)
                with engine.connect() as connection:
                    is_current = migrations.is_current(connection)
                if is_current:
                    return cls(engine, path)
                engine.dispose()
        return cls.copy_of(path)

    def wait_for_others(self, say: Callable[[str], None]) -> None:
        """From now on a write waits as long as another process keeps the file locked, and names it to ``say``, once for all threads."""
        self._say = say

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One ``BEGIN IMMEDIATE`` transaction; committed at the end, rolled back on any exception.

        Raises:
            EnvironmentBlockedError: the disk is full, or another process kept the file locked, and this one does not ``wait_for_others``.
        """
        with self._writing(self._lasting) as session:
            yield session

    @contextmanager
    def note(self) -> Iterator[Session]:
        """As ``write``, but a power cut may undo it: for what only a living machine needs, or what is found out again.

        A killed process loses nothing here either, and the next ``write`` makes it last.
        """
        with self._writing(self._hasty) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent view; writes are not kept."""
        with self._session(self._view) as session:
            yield session

    def rows(self, statement: Select[Any], **parameters: str | int | Sequence[str] | Sequence[int]) -> Sequence[Row[Any]]:
        """The rows of one SELECT, in a fifth of the time that a session takes: for what is read many times a phase."""
        with explained(self.path), self._one_read.connect() as connection:
            return connection.execute(statement, parameters).all()

    @property
    def is_copy(self) -> bool:
        """Whether this is a state in memory, which learns nothing of what others write."""
        return self._engine.url.database is None

    def connection(self) -> Connection:
        """One to keep, for whoever asks what others have written; close it."""
        with explained(self.path):
            return self._engine.connect()

    def give_back(self) -> None:
        """Gives the disk what nothing in the file uses. Whoever reads meanwhile goes on; a death in the middle changes nothing."""
        with explained(self.path), closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute("VACUUM")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _writing(self, engine: Engine) -> Iterator[Session]:
        with ExitStack() as stack:
            session = self._begun(engine, stack)
            yield session
            session.commit()

    def _begun(self, engine: Engine, stack: ExitStack) -> Session:
        while True:
            try:
                with ExitStack() as trial:
                    session = trial.enter_context(self._session(engine))
                    session.connection()
                    stack.push(trial.pop_all())
            except EnvironmentBlockedError as error:
                if self._say is None or not is_locked(error):
                    raise
                with self._telling:  # the heartbeat waits beside the run
                    if not self._is_told:
                        self._is_told = True
                        self._say(waiting_sentence(self.path))
            else:
                self._is_told = False
                return session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        with explained(self.path), engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
            yield session


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Turns what goes wrong while a database is opened or made into EnvironmentBlockedError."""
    try:
        with explained(path):
            yield
    except (OSError, OperationalError) as error:
        raise EnvironmentBlockedError(f"{path}: the state database cannot be opened: {_reason(error)}.") from error
    except (DatabaseError, sqlite3.Error) as error:
        raise EnvironmentBlockedError(f"{path}: the state database cannot be read: {_reason(error)}.") from error


def engine_of(path: Path) -> Engine:
    """With one pool, whose connections take what a transaction is to be from its execution options."""
    address = URL.create("sqlite", database=str(path))  # as text, a question mark would end the path
    return _listened_to(create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}))


def _listened_to(engine: Engine) -> Engine:
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    record.info["synchronous"] = "FULL"


def _begin(connection: Connection) -> None:
    """Straight at SQLite, since SQLAlchemy takes a tenth of a millisecond to pass a statement on."""
    options, cursor = connection.get_execution_options(), connection.connection.cursor()
    synchronous = options.get("synchronous")
    if synchronous is not None and synchronous != connection.info["synchronous"]:
        cursor.execute(f"PRAGMA synchronous={synchronous}")  # which SQLite heeds outside of transactions alone
        connection.info["synchronous"] = synchronous
    if begin := options.get("begin", "BEGIN"):
        cursor.execute(begin)
    cursor.close()


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).rstrip(".")
