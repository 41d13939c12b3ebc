"""Stores the results of an attempt's steps, as JSON texts by the steps' names."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, or_, select

from autopack.core.step_names import StepName
from autopack.store.attempts import AttemptKey
from autopack.store.database import Database
from autopack.store.tables import StepRow, core_table


class StepTime(NamedTuple):
    """When a step was recorded, in UTC epoch seconds."""

    phase: str
    attempt: int
    name: str
    at: float


class StepFound(NamedTuple):
    phase: str
    attempt: int
    name: str
    result_json: str


_TABLE: Final = core_table(StepRow)
_ADD: Final = insert(_TABLE)
_PUT: Final = insert(_TABLE).prefix_with("OR REPLACE")
_OF_ATTEMPT: Final = (
    select(_TABLE.c.name, _TABLE.c.result_json)
    .where(_TABLE.c.run_id == bindparam("run"), _TABLE.c.phase_id == bindparam("phase"), _TABLE.c.attempt == bindparam("attempt"))
    .order_by(_TABLE.c.at)
)
_COUNTED: Final = (
    select(_TABLE.c.phase_id, func.count().label("recorded"))
    .where(_TABLE.c.run_id == bindparam("run"), or_(_TABLE.c.name == bindparam("name"), _TABLE.c.name.like(bindparam("laps"))))
    .group_by(_TABLE.c.phase_id)
)
_FOUND: Final = select(_TABLE.c.phase_id, _TABLE.c.attempt, _TABLE.c.name, _TABLE.c.result_json).order_by(_TABLE.c.at)
_OF_PHASES: Final = _FOUND.where(_TABLE.c.run_id == bindparam("run"), _TABLE.c.phase_id.in_(bindparam("phases", expanding=True)))
_SHOWN: Final = _FOUND.where(
    _TABLE.c.run_id == bindparam("run"),
    or_(*(_TABLE.c.name.startswith(kind.value) for kind in (StepName.CHECK, StepName.OLD_TESTS, StepName.NEW_TESTS, StepName.GATE))),
)
_NAMED: Final = (
    select(_TABLE.c.phase_id, _TABLE.c.result_json)
    .where(_TABLE.c.run_id == bindparam("run"), _TABLE.c.name == bindparam("name"))
    .order_by(_TABLE.c.attempt)
)

_TIMES: Final = (
    select(_TABLE.c.phase_id, _TABLE.c.attempt, _TABLE.c.name, _TABLE.c.at).where(_TABLE.c.run_id == bindparam("run")).order_by(_TABLE.c.at)
)


def add_step(connection: Connection, key: AttemptKey, name: str, result_json: str, at: float) -> None:
    """A step is recorded once; a second time is an IntegrityError."""
    connection.execute(_ADD, _values(key, name, result_json, at))


def put_step(connection: Connection, key: AttemptKey, name: str, result_json: str, at: float) -> None:
    """Writes a result in place of an earlier one of that name."""
    connection.execute(_PUT, _values(key, name, result_json, at))


def steps_of(database: Database, run_id: str, phase: str, attempt: int) -> dict[str, str]:
    """The recorded results of an attempt, in their order."""
    return {row.name: row.result_json for row in database.rows(_OF_ATTEMPT, run=run_id, phase=phase, attempt=attempt)}


def steps_by_attempt(database: Database, run_id: str, phases: Sequence[str]) -> dict[tuple[str, int], dict[str, str]]:
    """As ``steps_of``, of all attempts of these phases."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for row in database.rows(_OF_PHASES, run=run_id, phases=phases):
        found.setdefault((row.phase_id, row.attempt), {})[row.name] = row.result_json
    return found


def shown_steps(connection: Connection, run_id: str) -> tuple[StepFound, ...]:
    """What the status of a run tells of: checks, tests run over and the gate, in their order."""
    return tuple(map(StepFound._make, connection.execute(_SHOWN, {"run": run_id}).all()))


def last_steps(database: Database, run_id: str, name: str) -> dict[str, str]:
    """Phase -> what its last attempt that has a step of that name recorded."""
    return {row.phase_id: row.result_json for row in database.rows(_NAMED, run=run_id, name=name)}


def step_times(database: Database, run_id: str) -> tuple[StepTime, ...]:
    """Of every step of a run, in their order."""
    return tuple(StepTime._make(row) for row in database.rows(_TIMES, run=run_id))


def count_steps(database: Database, run_id: str, name: str, phase: str | None = None) -> int:
    """How often a step was recorded on any lap, of a run or of one phase."""
    counted = {row.phase_id: row.recorded for row in database.rows(_COUNTED, run=run_id, name=name, laps=f"{name}.%")}
    return sum(counted.values()) if phase is None else counted.get(phase, 0)


def _values(key: AttemptKey, name: str, result_json: str, at: float) -> dict[str, str | int | float]:
    return {"run_id": key.run, "phase_id": key.phase, "attempt": key.number, "name": name, "result_json": result_json, "at": at}
