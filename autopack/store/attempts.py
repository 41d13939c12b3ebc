"""Stores the attempts of a phase: how each was asked, how it ended, what the next one is told."""

from dataclasses import asdict, dataclass
from typing import Final, NamedTuple, TypedDict

from sqlalchemy import Connection, bindparam, func, insert, select, update

from autopack.core.call import Asking, Role
from autopack.core.context import EditMode, Feedback
from autopack.core.error_report import ErrorReport
from autopack.core.failure import FailureKind
from autopack.core.memory import Entry
from autopack.core.rules import InVain
from autopack.store.database import Database
from autopack.store.tables import AttemptRow, core_table, read_as


@dataclass(frozen=True)
class AttemptKey:
    """One attempt of a phase. ``parent`` is the commit it starts from."""

    run: str
    phase: str
    number: int
    parent: str
    forced_mode: EditMode | None = None

    @property
    def ref(self) -> str:
        """The ref that keeps the attempt's candidate from being removed by git."""
        return f"refs/autopack/{self.run}/{self.phase}/{self.number}"

    def asking(self, role: Role) -> Asking:
        return Asking(run=self.run, phase=self.phase, attempt=self.number, role=role)


@dataclass(frozen=True)
class Asked:
    """How an attempt was asked: the form that was forced, the form of most files, whether all files are small."""

    forced_mode: EditMode | None
    mode: EditMode
    is_small: bool


@dataclass(frozen=True)
class Failed:
    """How an attempt failed. ``only_auditor_against``: its checks were green. ``learned``, ``report`` and ``in_vain`` are kept."""

    kind: FailureKind
    message: str
    evidence: str = ""
    only_auditor_against: bool = False
    learned: tuple[Entry, ...] = ()
    report: ErrorReport | None = None
    in_vain: InVain | None = None


class AttemptColumns(TypedDict, total=False):
    """Columns that an attempt's end writes."""

    outcome: str | None
    ended_at: float | None
    failure_kind: str
    message: str
    evidence: str
    only_auditor_against: bool


class BriefAttempt(NamedTuple):
    """An attempt without its texts. Times are UTC epoch seconds; ``ended`` and ``outcome`` are None while it is open."""

    phase: str
    number: int
    outcome: str | None
    began: float
    ended: float | None
    failure_kind: str | None
    is_adopted: bool


_TABLE: Final = core_table(AttemptRow)
_OF_PHASE: Final = (_TABLE.c.run_id == bindparam("of_run"), _TABLE.c.phase_id == bindparam("of_phase"))
_ADD: Final = insert(_TABLE)
_CHANGE: Final = update(_TABLE).where(*_OF_PHASE, _TABLE.c.number == bindparam("of_number"))
_ALL: Final = (
    select(_TABLE)
    .where(_TABLE.c.run_id == bindparam("of_run"), _TABLE.c.phase_id.in_(bindparam("of_phases", expanding=True)))
    .order_by(_TABLE.c.number)
)
_LAST: Final = select(func.max(_TABLE.c.number)).where(*_OF_PHASE)
_GRANTS: Final = select(func.count()).where(*_OF_PHASE, _TABLE.c.outcome == "granted")
_BRIEF: Final = (
    select(_TABLE.c.phase_id, _TABLE.c.number, _TABLE.c.outcome, _TABLE.c.started_at, _TABLE.c.ended_at)
    .add_columns(_TABLE.c.failure_kind, _TABLE.c.is_adopted)
    .where(_TABLE.c.run_id == bindparam("of_run"))
    .order_by(_TABLE.c.number)
)


def add_attempt(connection: Connection, phase: tuple[str, str], parent: str, asked: Asked, at: float) -> AttemptKey:
    """The next attempt of a phase, which is named by (run, phase)."""
    run_id, phase_id = phase
    last = connection.execute(_LAST, {"of_run": run_id, "of_phase": phase_id}).scalar_one() or 0
    key = AttemptKey(run_id, phase_id, last + 1, parent, asked.forced_mode)
    values = {"run_id": run_id, "phase_id": phase_id, "number": key.number, "parent": parent, "started_at": at}
    connection.execute(_ADD, {**values, **asdict(asked), "only_auditor_against": False, "is_adopted": False})
    return key


def end_attempt(connection: Connection, key: AttemptKey, columns: AttemptColumns) -> None:
    connection.execute(_CHANGE, {**columns, "of_run": key.run, "of_phase": key.phase, "of_number": key.number})


def attempts_of(database: Database, run_id: str, *phases: str) -> tuple[AttemptRow, ...]:
    """Of one phase, or of several, by their numbers."""
    return read_as(AttemptRow, database.rows(_ALL, of_run=run_id, of_phases=phases))


def open_attempt(database: Database, run_id: str, phase: str) -> AttemptKey | None:
    """The attempt that has not ended, if there is one: a dead process left it."""
    is_open = (row for row in database.rows(_ALL, of_run=run_id, of_phases=(phase,)) if row.ended_at is None)
    return next((AttemptKey(run_id, phase, row.number, row.parent, row.forced_mode) for row in is_open), None)


def attempt_under_way(database: Database, run_id: str) -> tuple[str, int] | None:
    """Phase and number of the attempt of a run that has not ended."""
    return next(((row.phase, row.number) for row in brief_attempts(database, run_id) if row.ended is None), None)


def brief_attempts(database: Database, run_id: str) -> tuple[BriefAttempt, ...]:
    """Of every attempt of a run, by their numbers."""
    return tuple(map(BriefAttempt._make, database.rows(_BRIEF, of_run=run_id)))


def attempts_seen(connection: Connection, run_id: str) -> tuple[BriefAttempt, ...]:
    """As ``brief_attempts``, in the view that the connection has."""
    return tuple(map(BriefAttempt._make, connection.execute(_BRIEF, {"of_run": run_id}).all()))


def count_grants(database: Database, run_id: str, phase: str) -> int:
    """How often the phase was granted paths."""
    ((count,),) = database.rows(_GRANTS, of_run=run_id, of_phase=phase)
    return int(count)


def taught(database: Database, run_id: str, phase: str, outcomes: tuple[str, ...]) -> tuple[Feedback, ...]:
    """The lesson of every attempt that ended in one of these ways, oldest first."""
    return tuple(
        Feedback(
            attempt=row.number,
            kind=FailureKind(row.failure_kind or ""),
            message=row.message or "",
            evidence=row.evidence or "",
            mode=row.mode,
        )
        for row in database.rows(_ALL, of_run=run_id, of_phases=(phase,))
        if row.outcome in outcomes
    )
