"""Phases and their attempts: each transition is one transaction with what it produced and one event."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import update
from sqlmodel import Session, col, func, select

from autopack.core.context import EditMode, Feedback
from autopack.core.events import Event
from autopack.core.failure import FailureKind
from autopack.core.states import PhaseState
from autopack.core.transitions import PhaseEvent, next_phase_state
from autopack.store.assignments import assignments
from autopack.store.database import Database
from autopack.store.events import EventLog, append
from autopack.store.tables import AttemptRow, HintRow, PhaseRow, RunRow


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
        """Where the attempt's candidate is kept alive."""
        return f"refs/autopack/{self.run}/{self.phase}/{self.number}"


@dataclass(frozen=True)
class Asked:
    """How an attempt was asked: the form that was forced, the form of most files, whether all files are small."""

    forced_mode: EditMode | None
    mode: EditMode
    is_small: bool


@dataclass(frozen=True)
class Failed:
    """How an attempt failed. ``only_auditor_against``: its checks were green."""

    kind: FailureKind
    message: str
    evidence: str = ""
    only_auditor_against: bool = False


@dataclass(frozen=True)
class Produced:
    """What a step leaves behind beside its result: columns of the phase's and the run's row."""

    phase: dict[str, Any] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


class Phases:
    """The state of every phase of one run."""

    def __init__(self, database: Database, events: EventLog, run_id: str, now: Callable[[], float]) -> None:
        self._database = database
        self._events = events
        self._run = run_id
        self._now = now

    def all(self) -> tuple[PhaseRow, ...]:
        with self._database.read() as session:
            rows = select(PhaseRow).where(PhaseRow.run_id == self._run).order_by(col(PhaseRow.position))
            return tuple(session.exec(rows).all())

    def get(self, phase: str) -> PhaseRow:
        with self._database.read() as session:
            return session.get_one(PhaseRow, (self._run, phase))

    def open_attempt(self, phase: str) -> AttemptKey | None:
        """The attempt that a dead process left unfinished, if there is one."""
        with self._database.read() as session:
            rows = select(AttemptRow).where(
                AttemptRow.run_id == self._run, AttemptRow.phase_id == phase, col(AttemptRow.ended_at).is_(None)
            )
            row = session.exec(rows).one_or_none()
            return _key(row) if row else None

    def last_attempt(self, phase: str) -> AttemptRow | None:
        with self._database.read() as session:
            rows = select(AttemptRow).where(AttemptRow.run_id == self._run, AttemptRow.phase_id == phase)
            return session.exec(rows.order_by(col(AttemptRow.number).desc()).limit(1)).one_or_none()

    def begin_attempt(self, phase: str, parent: str, asked: Asked) -> AttemptKey:
        """Takes a queued phase to building, with the next attempt number of the phase."""
        with self._database.write() as session:
            last = session.exec(
                select(func.max(AttemptRow.number)).where(AttemptRow.run_id == self._run, AttemptRow.phase_id == phase)
            ).one()
            row = AttemptRow(
                run_id=self._run, phase_id=phase, number=(last or 0) + 1, parent=parent, started_at=self._now(), **asdict(asked)
            )
            session.add(row)
            key = _key(row)
            produced = Produced(phase=_NO_FAILURE, data={"parent": parent, "mode": asked.mode})
            told = self._move(session, phase, PhaseEvent.START, key.number, produced)
        self._events.observed(told)
        return key

    def step_results(self, key: AttemptKey) -> dict[str, str]:
        """What is recorded of an attempt, as JSON by the steps' names."""
        rows = self._database.rows(
            "SELECT name, result_json FROM step WHERE run_id = ? AND phase_id = ? AND attempt = ?", key.run, key.phase, key.number
        )
        return {row.name: row.result_json for row in rows}

    def last_results(self, name: str) -> dict[str, str]:
        """Phase -> what its last attempt that has a step of that name recorded, as JSON."""
        rows = self._database.rows("SELECT phase_id, result_json FROM step WHERE run_id = ? AND name = ? ORDER BY attempt", self._run, name)
        return {row.phase_id: row.result_json for row in rows}

    def record_step(self, key: AttemptKey, name: str, result_json: str, event: PhaseEvent | None, produced: Produced) -> None:
        """Result, transition and event of one effect, in one transaction."""
        with self._database.write() as session:
            step = {"run_id": key.run, "phase_id": key.phase, "attempt": key.number, "name": name, "result_json": result_json}
            session.connection().exec_driver_sql(_ADD_STEP, {**step, "at": self._now()})
            if event is None:
                told = Event(
                    run_id=key.run, phase=key.phase, attempt=key.number, event=f"step_{name}", time=self._now(), data=produced.data
                )
                append(session, told)
            else:
                told = self._move(session, key.phase, event, key.number, produced)
            if event is PhaseEvent.INTEGRATED:
                _end(session, key, "complete", self._now())
        self._events.observed(told)

    def fail_attempt(self, key: AttemptKey, failed: Failed) -> None:
        """Any working state -> recovering; the attempt keeps its reason for the next one."""
        with self._database.write() as session:
            row = _end(session, key, "failed", self._now())
            row.failure_kind, row.message, row.evidence = failed.kind.value, failed.message, failed.evidence
            row.only_auditor_against = failed.only_auditor_against
            what = {"kind": failed.kind.value, "message": failed.message}
            produced = Produced(phase={"failure_kind": failed.kind.value, "failure_message": failed.message}, data=what)
            told = self._move(session, key.phase, PhaseEvent.FAIL, key.number, produced)
        self._events.observed(told)

    def grant(self, key: AttemptKey, paths: tuple[str, ...], message: str) -> None:
        """The attempt ends with more scope for the phase: applying -> queued. It counts among ``grants``, not among the failed ones."""
        with self._database.write() as session:
            row = _end(session, key, "granted", self._now())
            row.failure_kind, row.message = FailureKind.SCOPE_GRANTED.value, message
            granted = json.loads(session.get_one(PhaseRow, (key.run, key.phase)).granted_scope)
            columns = {"granted_scope": json.dumps(list(dict.fromkeys([*granted, *paths])))}
            produced = Produced(phase=columns, data={"message": message, "paths": list(paths)})
            told = self._move(session, key.phase, PhaseEvent.GRANT, key.number, produced)
        self._events.observed(told)

    def grants(self, phase: str) -> int:
        """How often the phase was granted paths."""
        counted = "SELECT count(*) FROM attempt WHERE run_id = ? AND phase_id = ? AND outcome = 'granted'"
        ((count,),) = self._database.rows(counted, self._run, phase)
        return int(count)

    def hold_attempt(self, key: AttemptKey, reason: str) -> None:
        """Takes gating or integrating to held for review; the attempt stays open, its candidate waits."""
        self.move(key.phase, PhaseEvent.HOLD, key.number, Produced(phase={"held": "review"}, data={"held": "review", "message": reason}))

    def move(self, phase: str, event: PhaseEvent, attempt: int | None = None, produced: Produced | None = None) -> None:
        """A transition that no step of an attempt makes: decisions after a failure, a person's verbs."""
        with self._database.write() as session:
            told = self._move(session, phase, event, attempt, produced or Produced())
        self._events.observed(told)

    def feedback(self, phase: str) -> tuple[Feedback, ...]:
        """What every failed attempt taught, oldest first."""
        return self._taught(phase, "failed")

    def _taught(self, phase: str, *outcomes: str) -> tuple[Feedback, ...]:
        marks = ", ".join("?" * len(outcomes))
        rows = self._database.rows(
            "SELECT number, failure_kind, message, evidence, mode FROM attempt"  # noqa: S608 - question marks
            f" WHERE run_id = ? AND phase_id = ? AND outcome IN ({marks}) ORDER BY number",
            self._run,
            phase,
            *outcomes,
        )
        return tuple(
            Feedback(
                attempt=row.number,
                kind=FailureKind(row.failure_kind or ""),
                message=row.message or "",
                evidence=row.evidence or "",
                mode=row.mode,
            )
            for row in rows
        )

    def lessons(self, phase: str) -> tuple[Feedback, ...]:
        """What the next prompt is told: every attempt that failed or was granted paths, and what a person added, in their order."""
        with self._database.read() as session:
            rows = session.exec(
                select(HintRow).where(HintRow.run_id == self._run, HintRow.phase_id == phase).order_by(col(HintRow.id))
            ).all()
        hints = [Feedback(attempt=row.after, kind=FailureKind.HINT, message=row.text) for row in rows]
        return tuple(sorted((*self._taught(phase, "failed", "granted"), *hints), key=lambda lesson: lesson.attempt))

    def _move(self, session: Session, phase: str, event: PhaseEvent, attempt: int | None, produced: Produced) -> Event:
        return move(session, (self._run, phase, attempt), event, produced, self._now())


def move(session: Session, where: tuple[str, str, int | None], event: PhaseEvent, produced: Produced, now: float) -> Event:
    """One transition of a phase inside a transaction: state, columns, event. ``where`` is (run, phase, attempt)."""
    run_id, phase, attempt = where
    session.flush()
    connection = session.connection()
    this = {"of_run": run_id, "of_phase": phase}
    state = next_phase_state(PhaseState(connection.exec_driver_sql(_STATE, this).scalar_one()), event)
    unheld = {} if state is PhaseState.HELD else {"held": None}
    columns = {"state": state.value, **unheld, **produced.phase}
    connection.exec_driver_sql(f"UPDATE phase SET {assignments(columns)} {_THIS}", {**columns, **this})  # noqa: S608 - our own names
    if produced.run:
        connection.execute(update(RunRow).where(col(RunRow.run_id) == run_id).values(**produced.run))
    told = Event(run_id=run_id, phase=phase, attempt=attempt, event=f"phase_{state}", time=now, data={"by": event.value, **produced.data})
    append(session, told)
    return told


_THIS: Final = "WHERE run_id = :of_run AND phase_id = :of_phase"
_STATE: Final = f"SELECT state FROM phase {_THIS}"  # noqa: S608 - our own words
_ADD_STEP: Final = (
    "INSERT INTO step (run_id, phase_id, attempt, name, result_json, at) VALUES (:run_id, :phase_id, :attempt, :name, :result_json, :at)"
)
"""Run beside the mapper, which takes many times as long: every step of an attempt writes with them."""

_NO_FAILURE: Final[dict[str, Any]] = {"failure_kind": None, "failure_message": None}


def _key(row: AttemptRow) -> AttemptKey:
    return AttemptKey(row.run_id, row.phase_id, row.number, row.parent, row.forced_mode)  # type: ignore[arg-type]


def _end(session: Session, key: AttemptKey, outcome: str, now: float) -> AttemptRow:
    row = session.get_one(AttemptRow, (key.run, key.phase, key.number))
    row.outcome, row.ended_at = outcome, now
    return row
