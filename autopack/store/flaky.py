"""Stores which tests of a project come and go: a row each time that one failed and passed on one tree."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from autopack.core.model import Frozen
from autopack.store.database import Database
from autopack.store.learned_tables import FlakyRow
from autopack.store.tables import RunRow, core_table

_TABLE: Final = core_table(FlakyRow)
_RUN: Final = core_table(RunRow)
_OF_PROJECT: Final = _TABLE.c.project == bindparam("of_project")
_PROJECT: Final = select(_RUN.c.project).where(_RUN.c.run_id == bindparam("of_run"))
_ADD: Final = insert(_TABLE)
_COUNTED: Final = (
    select(
        _TABLE.c.test,
        func.count().label("times"),
        func.count(_TABLE.c.run_id.distinct()).label("runs"),
        func.min(_TABLE.c.at).label("first"),
        func.max(_TABLE.c.at).label("last"),
    )
    .where(_OF_PROJECT)
    .group_by(_TABLE.c.test)
    .order_by(func.count().desc(), _TABLE.c.test)
)
_IDS: Final = select(_TABLE.c.test).where(_OF_PROJECT).distinct()


class FlakyTest(Frozen):
    """``times`` it was seen in so many ``runs``; times are UTC epoch seconds."""

    test: str
    times: int
    runs: int
    first_seen: float
    last_seen: float


def add_flaky(connection: Connection, tests: Iterable[str], attempt: tuple[str, str, int], at: float) -> None:
    """``attempt`` is (run, phase, number); the run says which project it is."""
    seen = list(dict.fromkeys(tests))
    if not seen:
        return
    run_id, phase, number = attempt
    project = connection.execute(_PROJECT, {"of_run": run_id}).scalar_one()
    where = {"project": project, "run_id": run_id, "phase_id": phase, "attempt": number, "at": at}
    connection.execute(_ADD, [{**where, "test": test} for test in seen])


def flaky_tests(database: Database, project: str) -> tuple[FlakyTest, ...]:
    """Those seen most often first."""
    rows = database.rows(_COUNTED, of_project=project)
    return tuple(FlakyTest(test=row.test, times=row.times, runs=row.runs, first_seen=row.first, last_seen=row.last) for row in rows)


def flaky_ids(database: Database, project: str) -> frozenset[str]:
    return frozenset(row.test for row in database.rows(_IDS, of_project=project))
