"""Stores who works on a run, and which processes it started, so that the next start can end orphans."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import bindparam, delete, insert
from sqlmodel import col, select

from autopack.store.database import Database
from autopack.store.tables import ChildRow, OwnerRow

_BEGIN: Final = insert(ChildRow).prefix_with("OR REPLACE")
_END: Final = delete(ChildRow).where(col(ChildRow.run_id) == bindparam("of_run"), col(ChildRow.pid) == bindparam("of_pid"))


class Owners:
    """Rows beside the lock: the flock says whether the owner lives, the rows say who it is. A power cut ends them all."""

    def __init__(self, database: Database, run_id: str, now: Callable[[], float]) -> None:
        self._database = database
        self._run = run_id
        self._now = now

    def claim(self, pid: int, started: float, boot_id: str) -> None:
        with self._database.note() as session:
            row = session.get(OwnerRow, self._run) or OwnerRow(run_id=self._run, pid=pid, started=started, boot_id=boot_id, heartbeat=0)
            row.pid, row.started, row.boot_id, row.heartbeat = pid, started, boot_id, self._now()
            session.add(row)

    def beat(self) -> None:
        """Notes that the owner still works; its own thread calls this, and waits for no other writer."""
        with self._database.note() as session:
            if row := session.get(OwnerRow, self._run):
                row.heartbeat = self._now()

    def release(self) -> None:
        with self._database.note() as session:
            if row := session.get(OwnerRow, self._run):
                session.delete(row)

    def owner(self) -> OwnerRow | None:
        with self._database.read() as session:
            return session.get(OwnerRow, self._run)

    def started(self, pid: int, started: float, boot_id: str) -> None:
        with self._database.note() as session:
            session.connection().execute(_BEGIN, {"run_id": self._run, "pid": pid, "started": started, "boot_id": boot_id})

    def ended(self, pid: int) -> None:
        with self._database.note() as session:
            session.connection().execute(_END, {"of_run": self._run, "of_pid": pid})

    def children(self) -> tuple[ChildRow, ...]:
        with self._database.read() as session:
            return tuple(session.exec(select(ChildRow).where(ChildRow.run_id == self._run)).all())
