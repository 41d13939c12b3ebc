"""Marks of what a person looks at: a mark differs once what a verb would act on has changed."""

import hashlib
import json

from sqlmodel import Session, col, select

from autopack.core.errors import ChangedMeanwhileError
from autopack.core.states import RunState
from autopack.store.tables import AttemptRow, OwnerRow, PhaseRow, RunRow, StepRow


def phase_mark(session: Session, run_id: str, phase_id: str) -> str:
    """Of the phase's state, why it waits, its newest attempt, and what that has recorded."""
    run, phase = session.get_one(RunRow, run_id), session.get_one(PhaseRow, (run_id, phase_id))
    ours = select(AttemptRow).where(AttemptRow.run_id == run_id, AttemptRow.phase_id == phase_id)
    last = session.exec(ours.order_by(col(AttemptRow.number).desc()).limit(1)).one_or_none()
    attempt = (last.number, last.outcome, last.only_auditor_against, _recorded(session, last)) if last else None
    return _mark(run.plan_revision, phase.state, phase.held_reason, phase.held_message, phase.commit, phase.counts_from, attempt)


def run_mark(session: Session, run_id: str) -> str:
    """Of whether the run is worked on, and by which process; what it lands, or waits for, meanwhile does not count."""
    run, owner = session.get_one(RunRow, run_id), session.get(OwnerRow, run_id)
    state = RunState.RUNNING if run.state == RunState.WAITING else run.state
    return _mark(run.plan_revision, state, (owner.pid, owner.started) if owner else None)


def judge_mark(found: str, seen: str, what: str, run_id: str) -> None:
    """Raises ChangedMeanwhileError where something else was looked at than there is now."""
    if found != seen:
        raise ChangedMeanwhileError(f"{what} has changed since you looked at it; look again.", next_command=f"autopack status {run_id}")


def _recorded(session: Session, attempt: AttemptRow) -> tuple[tuple[str, float], ...]:
    """What the attempt has recorded, and when: a candidate is made again where the branch has moved, and checked again."""
    query = select(StepRow).where(StepRow.run_id == attempt.run_id, StepRow.phase_id == attempt.phase_id, StepRow.attempt == attempt.number)
    return tuple((row.name, row.at) for row in session.exec(query.order_by(col(StepRow.name))).all())


def _mark(*facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
