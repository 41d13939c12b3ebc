"""Moves phases and their attempts: one transaction writes a transition, what it produced, and one event."""

import json
from collections.abc import Callable
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from autopack.core.context import Feedback
from autopack.core.events import Event, step_event
from autopack.core.failure import FailureKind
from autopack.core.remedy import AttemptDecided, Decided
from autopack.core.transitions import PhaseEvent
from autopack.store.attempts import (
    Asked,
    AttemptColumns,
    AttemptKey,
    Failed,
    add_attempt,
    attempts_of,
    count_grants,
    end_attempt,
    open_attempt,
    taught,
)
from autopack.store.database import Database
from autopack.store.decisions import add_decision, decisions_of
from autopack.store.errors import add_error
from autopack.store.events import EventLog, append
from autopack.store.flaky import add_flaky
from autopack.store.memory import forget_phase, remember
from autopack.store.phase_changes import Begun, GivenUp, Granted, Landed, Lost, PhaseChange, RolledBack
from autopack.store.phase_moves import move
from autopack.store.phase_rows import phase_of, phases_of
from autopack.store.rules import learn, note_unhelpful, unlearn_phase
from autopack.store.steps import add_step, count_steps, last_steps, put_step, steps_of
from autopack.store.tables import AttemptRow, HintRow, PhaseRow, RunRow, core_table


class Phases:
    """The state of every phase of one run."""

    def __init__(self, database: Database, events: EventLog, run_id: str, now: Callable[[], float]) -> None:
        self._database = database
        self._events = events
        self._run = run_id
        self._now = now

    def all(self) -> tuple[PhaseRow, ...]:
        return phases_of(self._database, self._run)

    def get(self, phase: str) -> PhaseRow:
        return phase_of(self._database, self._run, phase)

    def open_attempt(self, phase: str) -> AttemptKey | None:
        """The attempt that has not ended, if there is one: a dead process left it."""
        return open_attempt(self._database, self._run, phase)

    def last_attempt(self, phase: str) -> AttemptRow | None:
        attempts = attempts_of(self._database, self._run, phase)
        return attempts[-1] if attempts else None

    def begin_attempt(self, phase: str, parent: str, asked: Asked) -> AttemptKey:
        """Takes a queued phase to building, with the next attempt number of the phase."""
        with self._database.write() as session:
            key = add_attempt(session.connection(), (self._run, phase), parent, asked, self._now())
            told = self._move(session, phase, PhaseEvent.START, key.number, Begun(parent=parent, mode=asked.mode))
        self._events.observed(told)
        return key

    def step_results(self, key: AttemptKey) -> dict[str, str]:
        """The recorded results of an attempt, as JSON by the steps' names."""
        return steps_of(self._database, key.run, key.phase, key.number)

    def last_results(self, name: str) -> dict[str, str]:
        """Phase -> what its last attempt that has a step of that name recorded, as JSON."""
        return last_steps(self._database, self._run, name)

    def record_step(self, key: AttemptKey, name: str, result_json: str, event: PhaseEvent | None, change: PhaseChange | None) -> None:
        """Writes result, transition and event of one step in one transaction."""
        with self._database.write() as session:
            add_step(session.connection(), key, name, result_json, self._now())
            if event is None:
                data = change.told() if change else {}
                told = Event(run_id=key.run, phase=key.phase, attempt=key.number, event=step_event(name), time=self._now(), data=data)
                append(session, told)
            else:
                told = self._move(session, key.phase, event, key.number, change)
            if isinstance(change, Landed):
                self._land(session, key, change)
            if change is not None and change.error is not None:
                add_error(session.connection(), change.error)
            if change is not None:
                add_flaky(session.connection(), change.came_and_went, (key.run, key.phase, key.number), self._now())
        self._events.observed(told)

    def count_steps(self, name: str, phase: str | None = None) -> int:
        """How often a step was recorded on any lap, of the run or of one phase."""
        return count_steps(self._database, self._run, name, phase)

    def replace_step(self, key: AttemptKey, name: str, result_json: str) -> None:
        """Replaces the result of a step that had to run once more."""
        with self._database.write() as session:
            put_step(session.connection(), key, name, result_json, self._now())

    def pin_step(self, key: AttemptKey, name: str, result_json: str) -> None:
        """What an attempt looked up, so that it sees the same when it is resumed; a power cut before its next call may undo it."""
        with self._database.note() as session:
            add_step(session.connection(), key, name, result_json, self._now())

    def fail_attempt(self, key: AttemptKey, failed: Failed, decided: Decided | None = None) -> None:
        """Moves any working state to recovering; the attempt keeps its reason for the next one, and what was decided over it."""
        columns: AttemptColumns = {
            "outcome": "failed",
            "ended_at": self._now(),
            "failure_kind": failed.kind.value,
            "message": failed.message,
            "evidence": failed.evidence,
            "only_auditor_against": failed.only_auditor_against,
        }
        with self._database.write() as session:
            end_attempt(session.connection(), key, columns)
            remember(session.connection(), failed.learned, self._now())
            note_unhelpful(session.connection(), failed.in_vain, (key.run, key.phase, key.number), self._now())
            if failed.report is not None:
                add_error(session.connection(), failed.report)
            told = self._move(session, key.phase, PhaseEvent.FAIL, key.number, Lost(kind=failed.kind, message=failed.message))
            also = add_decision(session, key, decided, self._now()) if decided else ()
        for event in (told, *also):
            self._events.observed(event)

    def decide(self, key: AttemptKey, decided: Decided) -> None:
        """A further decision over the same failure, or the first over one that a person made."""
        with self._database.write() as session:
            told = add_decision(session, key, decided, self._now())
        for event in told:
            self._events.observed(event)

    def decisions(self, phase: str) -> tuple[AttemptDecided, ...]:
        """Every decision over the phase's failures, in their order."""
        return decisions_of(self._database, self._run, phase)

    def grant(self, key: AttemptKey, paths: tuple[str, ...], message: str) -> None:
        """The attempt ends with more scope for the phase: applying -> queued. It counts among ``grants``, not among the failed ones."""
        scope = tuple(dict.fromkeys([*json.loads(self.get(key.phase).granted_scope), *paths]))
        columns: AttemptColumns = {
            "outcome": "granted",
            "ended_at": self._now(),
            "failure_kind": FailureKind.SCOPE_GRANTED.value,
            "message": message,
        }
        self._end(key, columns, PhaseEvent.GRANT, Granted(message=message, paths=paths, scope=scope))

    def grants(self, phase: str) -> int:
        """How often the phase was granted paths."""
        return count_grants(self._database, self._run, phase)

    def move(self, phase: str, event: PhaseEvent, attempt: int | None = None, change: PhaseChange | None = None) -> None:
        """Makes a transition that belongs to no step of an attempt: decisions after a failure, a person's verbs."""
        with self._database.write() as session:
            told = self._move(session, phase, event, attempt, change)
        self._events.observed(told)

    def roll_back_run(self, failed: tuple[str, int], phases: tuple[str, ...], given_up: GivenUp, base: str) -> None:
        """Takes back what landed, gives the phase up whose attempt failed, and moves the run's head, in one transaction."""
        name, attempt = failed
        with self._database.write() as session:
            told = [self._move(session, phase, PhaseEvent.ROLL_BACK, None, RolledBack(to="")) for phase in phases]
            for phase in phases:
                forget_phase(session.connection(), self._run, phase)
                unlearn_phase(session.connection(), self._run, phase)
            told.append(self._move(session, name, PhaseEvent.GIVE_UP, attempt, given_up))
            session.connection().execute(_HEAD, {"of_run": self._run, "head_commit": base})
        for one in told:
            self._events.observed(one)

    def feedback(self, phase: str) -> tuple[Feedback, ...]:
        """The lesson of every failed attempt, oldest first."""
        return taught(self._database, self._run, phase, ("failed",))

    def lessons(self, phase: str) -> tuple[Feedback, ...]:
        """What the next prompt says of every attempt that failed or was granted paths, what models and persons added, in order."""
        hints = hints_of(self._database, self._run, phase)
        lessons = taught(self._database, self._run, phase, ("failed", "granted"))
        advice = [
            Feedback(attempt=one.attempt, kind=one.decided.advised, message=one.decided.advice)
            for one in self.decisions(phase)
            if one.decided.advised
        ]
        return tuple(sorted((*lessons, *advice, *hints), key=lambda lesson: lesson.attempt))

    def _end(self, key: AttemptKey, columns: AttemptColumns, event: PhaseEvent, change: PhaseChange) -> None:
        with self._database.write() as session:
            end_attempt(session.connection(), key, columns)
            told = self._move(session, key.phase, event, key.number, change)
        self._events.observed(told)

    def _land(self, session: Session, key: AttemptKey, landed: Landed) -> None:
        connection = session.connection()
        connection.execute(_HEAD, {"of_run": key.run, "head_commit": landed.commit})
        end_attempt(connection, key, {"outcome": "complete", "ended_at": self._now()})
        remember(connection, landed.learned.entries, self._now())
        learn(connection, landed.learned.lessons, self._now())

    def _move(self, session: Session, phase: str, event: PhaseEvent, attempt: int | None, change: PhaseChange | None) -> Event:
        return move(session, (self._run, phase, attempt), event, change, self._now())


def hints_of(database: Database, run_id: str, phase: str) -> tuple[Feedback, ...]:
    """What persons told the builder of a phase, each after the attempt that it came after."""
    rows = database.rows(_HINTS, of_run=run_id, of_phase=phase)
    return tuple(Feedback(attempt=row.after, kind=FailureKind.HINT, message=row.text) for row in rows)


_HINT: Final = core_table(HintRow).c
_HINTS: Final = (
    select(_HINT.after, _HINT.text).where(_HINT.run_id == bindparam("of_run"), _HINT.phase_id == bindparam("of_phase")).order_by(_HINT.id)
)
_RUN: Final = core_table(RunRow)
_HEAD: Final = update(_RUN).where(_RUN.c.run_id == bindparam("of_run"))
