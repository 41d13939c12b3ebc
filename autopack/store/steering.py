"""Writes a person's verbs on phases, each in one transaction, whoever works on the run meanwhile."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import Session, col, select

from autopack.core.approval import Approval
from autopack.core.events import Event, EventName, run_event
from autopack.core.exit_code import ExitCode
from autopack.core.failure import FailureKind
from autopack.core.states import WORKING, PhaseState, RunState
from autopack.core.step_names import StepName
from autopack.core.terms import Terms
from autopack.core.transitions import PhaseEvent, RunEvent, next_run_state
from autopack.store.attempts import AttemptKey
from autopack.store.database import Database
from autopack.store.events import EventLog, append
from autopack.store.marks import judge_mark, phase_mark
from autopack.store.memory import forget_phase
from autopack.store.phase_changes import Approved, Based, Queued, Rejected, RolledBack, Skipped, Vanished
from autopack.store.phase_moves import move
from autopack.store.queries import effective_state
from autopack.store.rules import unlearn_phase
from autopack.store.steps import add_step, put_step
from autopack.store.tables import AttemptRow, HintRow, PhaseRow, PlanRow, RunRow

_LOST_WITH_ANOTHER = (PhaseState.SKIPPED, PhaseState.ROLLED_BACK)


@dataclass(frozen=True)
class Wishes:
    """What goes with a retry: a hint for the builder, another model, more scope."""

    note: str = ""
    model: str | None = None
    add_scope: tuple[str, ...] = ()


@dataclass(frozen=True)
class Revision:
    """A changed plan: its text, its phases in order, held ones that begin anew, and unfinished ones that it no longer has."""

    goal: str
    text: str
    sha256: str
    order: tuple[str, ...]
    given: str = "{}"
    dropped: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()


class Steering:
    """Raises ImpossibleTransition where the phase has moved on meanwhile, ChangedMeanwhileError where ``terms`` say what was looked at."""

    def __init__(self, database: Database, events: EventLog, run_id: str, now: Callable[[], float], terms: Terms | None = None) -> None:
        self._database = database
        self._events = events
        self._run = run_id
        self._now = now
        self._terms = terms

    def approve(self, phase: str, approval: Approval) -> None:
        """Takes a phase held for review to integrating; its attempt is open again and carries the approval."""
        with self._deciding(phase) as session:
            attempt = self._last(session, phase)
            attempt.outcome = attempt.ended_at = None
            key = AttemptKey(self._run, phase, attempt.number, attempt.parent)
            put_step(session.connection(), key, StepName.APPROVAL, approval.model_dump_json(), self._now())
            told = move(
                session,
                (self._run, phase, attempt.number),
                PhaseEvent.APPROVE,
                Approved(**approval.model_dump(), terms=self._terms),
                self._now(),
            )
        self._events.observed(told)

    def reject(self, phase: str, note: str) -> None:
        """Takes a held phase to recovering; the note is what the next attempt is told."""
        with self._deciding(phase) as session:
            attempt = self._last(session, phase)
            attempt.outcome, attempt.ended_at = "failed", attempt.ended_at or self._now()
            attempt.failure_kind, attempt.message = FailureKind.REVIEW_REJECTED.value, note
            attempt.evidence, attempt.only_auditor_against = "", False
            told = move(
                session, (self._run, phase, attempt.number), PhaseEvent.REJECT, Rejected(message=note, terms=self._terms), self._now()
            )
        self._events.observed(told)

    def retry(self, phase: str, wishes: Wishes, dependents: tuple[str, ...]) -> tuple[str, ...]:
        """Queues the phase, with fresh attempts, and those of ``dependents`` that were lost with it; gives all that were queued."""
        with self._deciding(phase) as session:
            lost = [name for name in dependents if session.get_one(PhaseRow, (self._run, name)).state in _LOST_WITH_ANOTHER]
            told = [self._queue(session, phase, wishes), *(self._queue(session, name, Wishes()) for name in lost)]
        for event in told:
            self._events.observed(event)
        return tuple(event.phase or "" for event in told)

    def skip(self, phase: str, note: str) -> None:
        with self._deciding(phase) as session:
            told = move(session, (self._run, phase, None), PhaseEvent.SKIP, Skipped(because=note, terms=self._terms), self._now())
        self._events.observed(told)

    def adopt(self, phase: str, parent: str, candidate_json: str) -> int:
        """Begins an attempt whose candidate is a person's commit: held -> checking. Gives its number."""
        with self._deciding(phase) as session:
            last = self._find_last(session, phase)
            if last is not None and last.ended_at is None:
                last.outcome, last.ended_at = "replaced", self._now()
            number = (last.number if last else 0) + 1
            session.add(AttemptRow(run_id=self._run, phase_id=phase, number=number, parent=parent, started_at=self._now(), is_adopted=True))
            session.flush()
            key = AttemptKey(self._run, phase, number, parent)
            add_step(session.connection(), key, StepName.CANDIDATE, candidate_json, self._now())
            told = move(session, (self._run, phase, number), PhaseEvent.ADOPT, Based(parent=parent, terms=self._terms), self._now())
        self._events.observed(told)
        return number

    def revise(self, revision: Revision) -> None:
        """Pins the run to the changed plan, in one transaction with what follows for its phases."""
        now = self._now()
        with self._database.write() as session:
            run = session.get_one(RunRow, self._run)
            run.plan_revision += 1
            run.goal = revision.goal
            pinned = {"sha256": revision.sha256, "text": revision.text, "given_json": revision.given}
            session.add(PlanRow(run_id=self._run, revision=run.plan_revision, at=now, **pinned))
            for position, name in enumerate(revision.order):
                row = session.get(PhaseRow, (self._run, name))
                if row is None:
                    row = PhaseRow(run_id=self._run, phase_id=name, position=position, state=PhaseState.QUEUED)
                row.position = position
                session.add(row)
            told = [self._queue(session, name, Wishes()) for name in revision.dropped]
            for name in revision.vanished:
                told += self._skip_vanished(session, name)
            event = Event(
                run_id=self._run, event=EventName.PLAN_CHANGED, time=now, data={"revision": run.plan_revision, "sha256": revision.sha256}
            )
            append(session, event)
        for one in (event, *told):
            self._events.observed(one)

    @contextmanager
    def _deciding(self, phase: str) -> Iterator[Session]:
        """One transaction on what the person looked at."""
        with self._database.write() as session:
            if self._terms is not None:
                judge_mark(phase_mark(session, self._run, phase), self._terms.seen, f"phase '{phase}'", self._run)
            yield session

    def _skip_vanished(self, session: Session, name: str) -> list[Event]:
        """Moves the phase from any state; ends an attempt that is under way."""
        row = session.get_one(PhaseRow, (self._run, name))
        last = self._find_last(session, name)
        told = []
        if row.state in WORKING:
            told.append(move(session, (self._run, name, last.number if last else None), PhaseEvent.FAIL, None, self._now()))
        if last is not None and last.ended_at is None:
            last.outcome, last.ended_at = "replaced", self._now()
        told.append(move(session, (self._run, name, None), PhaseEvent.SKIP, Vanished(), self._now()))
        return told

    def roll_back(self, phases: tuple[str, ...], head_commit: str, to_phase: str) -> None:
        """Marks as rolled back the phases that the branch no longer holds, and the run, in one transaction."""
        with self._database.write() as session:
            back = RolledBack(to=to_phase)
            told = [move(session, (self._run, name, None), PhaseEvent.ROLL_BACK, back, self._now()) for name in phases]
            run = session.get_one(RunRow, self._run)
            run.state = next_run_state(effective_state(run, is_alive=False), RunEvent.ROLL_BACK).value
            for name in phases:
                forget_phase(session.connection(), self._run, name)
                unlearn_phase(session.connection(), self._run, name)
            run.head_commit, run.reason, run.message = head_commit, "rolled_back", f"rolled back to phase '{to_phase}'."
            run.exit_code = int(ExitCode.FAILED)
            event = Event(
                run_id=self._run, event=run_event(RunState.ROLLED_BACK), time=self._now(), data={"to": to_phase, "commit": head_commit}
            )
            append(session, event)
        for one in (*told, event):
            self._events.observed(one)

    def _queue(self, session: Session, phase: str, wishes: Wishes) -> Event:
        last = self._find_last(session, phase)
        number = last.number if last else 0
        if last is not None and last.ended_at is None:
            last.outcome, last.ended_at = "replaced", self._now()
        row = session.get_one(PhaseRow, (self._run, phase))
        added = (*json.loads(row.added_scope), *wishes.add_scope) if wishes.add_scope else None
        queued = Queued(message=wishes.note, counts_from=number, model=wishes.model, added_scope=added, terms=self._terms)
        if wishes.note:
            session.add(HintRow(run_id=self._run, phase_id=phase, after=number, text=wishes.note, at=self._now()))
        return move(session, (self._run, phase, None), PhaseEvent.RETRY, queued, self._now())

    def _last(self, session: Session, phase: str) -> AttemptRow:
        found = self._find_last(session, phase)
        if found is None:
            raise LookupError(f"phase '{phase}' has no attempt")
        return found

    def _find_last(self, session: Session, phase: str) -> AttemptRow | None:
        rows = select(AttemptRow).where(AttemptRow.run_id == self._run, AttemptRow.phase_id == phase)
        return session.exec(rows.order_by(col(AttemptRow.number).desc()).limit(1)).one_or_none()
