"""Runs: made once, moved by the transition table, found again by id."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlmodel import Session, col, select

from autopack.core.events import Event
from autopack.core.plan import Plan
from autopack.core.states import PhaseState, RunState
from autopack.core.transitions import RunEvent, next_run_state
from autopack.store.database import Database
from autopack.store.events import EventLog, append
from autopack.store.tables import PhaseRow, PlanRow, RunRow


@dataclass(frozen=True)
class NewRun:
    """What a run is made with; ``plan_text`` is the file as it was read. ``landed``: phases that the base holds, with their commits."""

    run_id: str
    repo: str
    branch: str
    base_commit: str
    plan: Plan
    plan_path: str
    plan_text: str
    plan_sha256: str
    replay_path: str | None = None
    landed: Mapping[str, str] = field(default_factory=dict)


class Runs:
    """The table of runs and the plan that each is pinned to."""

    def __init__(self, database: Database, events: EventLog, now: Callable[[], float]) -> None:
        self._database = database
        self._events = events
        self._now = now

    def find(self, run_id: str) -> RunRow | None:
        with self._database.read() as session:
            row = session.get(RunRow, run_id)
        return with_late_end(self._database, row) if row else None

    def newest_first(self) -> tuple[RunRow, ...]:
        with self._database.read() as session:
            return tuple(session.exec(select(RunRow).order_by(col(RunRow.created_at).desc(), col(RunRow.run_id).desc())).all())

    def create(self, new: NewRun) -> RunRow:
        """Run, pinned plan and queued phases in one transaction."""
        now = self._now()
        data = {"branch": new.branch, "base_commit": new.base_commit, "landed": dict(new.landed)}
        event = Event(run_id=new.run_id, event="run_created", time=now, data=data)
        row = RunRow(
            run_id=new.run_id,
            project=new.plan.project,
            goal=new.plan.goal,
            repo=new.repo,
            branch=new.branch,
            base_commit=new.base_commit,
            head_commit=new.base_commit,
            state=RunState.INTERRUPTED,
            plan_path=new.plan_path,
            replay_path=new.replay_path,
            created_at=now,
            started_at=now,
        )
        with self._database.write() as session:
            session.add(row)
            session.flush()
            session.add(PlanRow(run_id=new.run_id, revision=1, sha256=new.plan_sha256, text=new.plan_text, at=now))
            _queue(session, new)
            append(session, event)
        self._events.observed(event)
        return row

    def plan(self, run_id: str) -> PlanRow:
        """The newest revision of the run's plan."""
        with self._database.read() as session:
            rows = select(PlanRow).where(PlanRow.run_id == run_id).order_by(col(PlanRow.revision).desc()).limit(1)
            return session.exec(rows).one()

    def move(self, run_id: str, event: RunEvent, **changes: Any) -> RunState:  # noqa: ANN401 - columns of RunRow
        """One transition of the run with the columns that change with it; tells ``run_<state>``."""
        now = self._now()
        with self._database.write() as session:
            row = session.get_one(RunRow, run_id)
            state = next_run_state(RunState(row.state), event)
            for name, value in {"state": state.value, **changes}.items():
                setattr(row, name, value)
            told = Event(run_id=run_id, event=f"run_{state}", time=now, data={"reason": row.reason, "message": row.message})
            append(session, told)
        self._events.observed(told)
        return state

    def end_late(self, run_id: str, event: RunEvent, **changes: Any) -> RunState:  # noqa: ANN401 - as for ``move``
        """The same for the end of a start that finds the database locked: kept beside it, and seen by ``find`` and ``run_status``."""
        with self._database.read() as session:
            row = session.get_one(RunRow, run_id)
        state = next_run_state(RunState(row.state), event)
        data = {"reason": changes["reason"], "message": changes["message"]}
        told = Event(run_id=run_id, event=f"run_{state}", time=self._now(), data=data)
        values = {"run_id": run_id, "was": row.state, "started_at": row.started_at, "state": state.value, **changes}
        of_event = {"event": told.event, "data_json": json.dumps(data, ensure_ascii=False), "time": told.time}
        self._database.late.keep(_late_name(run_id), [(_LATE_EVENT, {**values, **of_event}), (_LATE_END, values)], values)
        self._events.observed(told)
        return state

    def change(self, run_id: str, **changes: Any) -> None:  # noqa: ANN401 - columns of RunRow
        """Columns that are no part of the state machine: head, caps, the wish to stop."""
        with self._database.write() as session:
            row = session.get_one(RunRow, run_id)
            for name, value in changes.items():
                setattr(row, name, value)

    def stop_requested(self, run_id: str) -> bool:
        ((is_requested,),) = self._database.rows("SELECT stop_requested FROM run WHERE run_id = ?", run_id)
        return bool(is_requested)


_OF_THIS_START: Final = "run_id = :run_id AND state = :was AND started_at = :started_at"
_LATE_EVENT: Final = (
    f"INSERT INTO event (run_id, event, data_json, time) SELECT run_id, :event, :data_json, :time FROM run WHERE {_OF_THIS_START}"  # noqa: S608
)
_LATE_END: Final = (
    "UPDATE run SET state = :state, exit_code = :exit_code, reason = :reason, message = :message, ended_at = :ended_at "  # noqa: S608
    f"WHERE {_OF_THIS_START}"
)


def with_late_end(database: Database, row: RunRow) -> RunRow:
    """The row, which belongs to no session any more, with the end that a locked database could not take yet."""
    late = database.late.row_of(_late_name(row.run_id))
    if late and (late["was"], late["started_at"]) == (row.state, row.started_at):
        for name in ("state", "exit_code", "reason", "message", "ended_at"):
            setattr(row, name, late[name])
    return row


def _late_name(run_id: str) -> str:
    return f"run-{run_id}"


def _queue(session: Session, new: NewRun) -> None:
    for position, phase in enumerate(new.plan.phases):
        commit = new.landed.get(phase.id)
        state = PhaseState.QUEUED if commit is None else PhaseState.COMPLETE
        session.add(PhaseRow(run_id=new.run_id, phase_id=phase.id, position=position, state=state, commit=commit))
