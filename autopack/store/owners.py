"""Stores who works on a run, and which processes it started, so that the next start can end orphans."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from autopack.store.database import Database
from autopack.store.tables import ChildRow, OwnerRow, core_table, read_as

_OWNER: Final = core_table(OwnerRow)
_OF_RUN: Final = _OWNER.c.run_id == bindparam("of_run")
_GET: Final = select(_OWNER).where(_OF_RUN)
_CLAIM: Final = insert(_OWNER).prefix_with("OR REPLACE")
_BEAT: Final = update(_OWNER).where(_OF_RUN)
_RELEASE: Final = delete(_OWNER).where(_OF_RUN)

_CHILD: Final = core_table(ChildRow)
_CHILDREN: Final = select(_CHILD).where(_CHILD.c.run_id == bindparam("of_run"))
_BEGIN: Final = insert(_CHILD).prefix_with("OR REPLACE")
_END: Final = delete(_CHILD).where(_CHILD.c.run_id == bindparam("of_run"), _CHILD.c.pid == bindparam("of_pid"))


class Owners:
    """Rows beside the lock: the flock says whether the owner lives, the rows say who it is. A power cut ends them all."""

    def __init__(self, database: Database, run_id: str, now: Callable[[], float]) -> None:
        self._database = database
        self._run = run_id
        self._now = now

    def claim(self, pid: int, started: float, boot_id: str) -> None:
        with self._database.note() as session:
            row = {"run_id": self._run, "pid": pid, "started": started, "boot_id": boot_id, "heartbeat": self._now()}
            session.connection().execute(_CLAIM, row)

    def beat(self) -> None:
        """Notes that the owner still works; its own thread calls this, and waits for no other writer."""
        with self._database.note() as session:
            session.connection().execute(_BEAT, {"of_run": self._run, "heartbeat": self._now()})

    def release(self) -> None:
        with self._database.note() as session:
            session.connection().execute(_RELEASE, {"of_run": self._run})

    def started(self, pid: int, started: float, boot_id: str) -> None:
        with self._database.note() as session:
            session.connection().execute(_BEGIN, {"run_id": self._run, "pid": pid, "started": started, "boot_id": boot_id})

    def ended(self, pid: int) -> None:
        with self._database.note() as session:
            session.connection().execute(_END, {"of_run": self._run, "of_pid": pid})

    def children(self) -> tuple[ChildRow, ...]:
        return read_as(ChildRow, self._database.rows(_CHILDREN, of_run=self._run))


def owner_of(connection: Connection, run_id: str) -> OwnerRow | None:
    """Who works on a run, or did so until it was killed."""
    return next(iter(read_as(OwnerRow, connection.execute(_GET, {"of_run": run_id}).all())), None)
