"""Makes runs, moves them by the transition table, finds them again by id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypedDict, Unpack

from sqlalchemy import Connection, bindparam, insert, select, update

from autopack.core.error_report import ErrorReport
from autopack.core.events import Event, EventName, run_event
from autopack.core.memory import Entry
from autopack.core.plan import Plan
from autopack.core.states import PhaseState, RunState
from autopack.core.terms import Terms
from autopack.core.token_count import CHARACTERS_PER_TOKEN
from autopack.core.transitions import RunEvent, next_run_state
from autopack.store.database import Database
from autopack.store.errors import add_error
from autopack.store.events import EventLog, append
from autopack.store.marks import judge_mark, run_mark
from autopack.store.memory import remember
from autopack.store.tables import PhaseRow, PlanRow, RunRow, core_table, read_as


@dataclass(frozen=True)
class NewRun:
    """What a run is made with.

    ``plan_text`` is the file as it was read, ``plan_given`` its inputs as JSON; ``landed``: phases that the base holds, with their commits;
    ``learned`` is remembered.
    """

    run_id: str
    repo: str
    branch: str
    base_commit: str
    plan: Plan
    plan_path: str
    plan_text: str
    plan_sha256: str
    plan_given: str = "{}"
    replay_path: str | None = None
    landed: Mapping[str, str] = field(default_factory=dict)
    learned: tuple[Entry, ...] = ()
    characters_per_token: float = CHARACTERS_PER_TOKEN


class RunColumns(TypedDict, total=False):
    """Columns of a run's row that change while it is worked on."""

    head_commit: str
    reason: str | None
    message: str | None
    exit_code: int | None
    cap_by: str | None
    sandbox: str
    max_usd: float | None
    max_tokens: int | None
    max_hours: float | None
    option_max_usd: float | None
    option_max_tokens: int | None
    option_max_hours: float | None
    stop_requested: bool
    is_replay_strict: bool
    settings_json: str
    started_at: float
    ended_at: float | None
    health_since: float
    wait_until: float | None
    wait_began: float | None


_TABLE: Final = core_table(RunRow)
_PLAN: Final = core_table(PlanRow)
_OF_RUN: Final = _TABLE.c.run_id == bindparam("of_run")
_ONE: Final = select(_TABLE).where(_OF_RUN)
_NEWEST_FIRST: Final = select(_TABLE).order_by(_TABLE.c.created_at.desc(), _TABLE.c.run_id.desc())
_NEWEST_PLAN: Final = select(_PLAN).where(_PLAN.c.run_id == bindparam("of_run")).order_by(_PLAN.c.revision.desc()).limit(1)
_STATE: Final = select(_TABLE.c.state).where(_OF_RUN)
_STOP_REQUESTED: Final = select(_TABLE.c.stop_requested).where(_OF_RUN)
_ADD: Final = insert(_TABLE)
_ADD_PLAN: Final = insert(_PLAN)
_ADD_PHASES: Final = insert(core_table(PhaseRow))
_CHANGE: Final = update(_TABLE).where(_OF_RUN)
_MOVE: Final = _CHANGE.returning(_TABLE.c.reason, _TABLE.c.message)
_CHANGE_ONE: Final = _CHANGE.returning(_TABLE.c.run_id)


class Runs:
    """The table of runs and the plan that each is pinned to."""

    def __init__(self, database: Database, events: EventLog, now: Callable[[], float]) -> None:
        self._database = database
        self._events = events
        self._now = now

    def find(self, run_id: str) -> RunRow | None:
        return next(iter(read_as(RunRow, self._database.rows(_ONE, of_run=run_id))), None)

    def get(self, run_id: str) -> RunRow:
        """One that is there."""
        (row,) = read_as(RunRow, self._database.rows(_ONE, of_run=run_id))
        return row

    def newest_first(self) -> tuple[RunRow, ...]:
        return read_as(RunRow, self._database.rows(_NEWEST_FIRST))

    def create(self, new: NewRun) -> RunRow:
        """Run, pinned plan and queued phases in one transaction."""
        now = self._now()
        data = {"branch": new.branch, "base_commit": new.base_commit, "landed": dict(new.landed)}
        event = Event(run_id=new.run_id, event=EventName.RUN_CREATED, time=now, data=data)
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
            characters_per_token=new.characters_per_token,
            created_at=now,
            started_at=now,
        )
        plan = PlanRow(run_id=new.run_id, revision=1, sha256=new.plan_sha256, text=new.plan_text, at=now, given_json=new.plan_given)
        with self._database.write() as session:
            connection = session.connection()
            connection.execute(_ADD, row.model_dump())
            connection.execute(_ADD_PLAN, plan.model_dump())
            _queue(connection, new)
            remember(connection, new.learned, now)
            append(session, event)
        self._events.observed(event)
        return row

    def plan(self, run_id: str) -> PlanRow:
        """The newest revision of the run's plan."""
        (newest,) = read_as(PlanRow, self._database.rows(_NEWEST_PLAN, of_run=run_id))
        return newest

    def move(self, run_id: str, event: RunEvent, error: ErrorReport | None = None, **changes: Unpack[RunColumns]) -> RunState:
        """One transition of the run with its columns, and the report of what brought it about; tells ``run_<state>``."""
        now = self._now()
        with self._database.write() as session:
            state, why = _moved(session.connection(), run_id, event, changes)
            told = Event(run_id=run_id, event=run_event(state), time=now, data=why)
            append(session, told)
            if error is not None:
                add_error(session.connection(), error)
        self._events.observed(told)
        return state

    def wait(self, run_id: str, until: float, began: float, why: str) -> None:
        """From now on the run waits for a provider; ``began`` is kept over kills. Tells ``run_waiting``."""
        columns: RunColumns = {"wait_until": until, "wait_began": began, "message": why}
        self._turn(run_id, RunEvent.WAIT, run_event(RunState.WAITING), {"until": until, "message": why}, columns)

    def wake(self, run_id: str) -> None:
        """The wait is over; whether it was in vain nobody knows yet."""
        self._turn(run_id, RunEvent.WAKE, EventName.WAIT_OVER, {}, {"wait_until": None, "message": None})

    def _turn(self, run_id: str, event: RunEvent, told_as: str, data: dict[str, object], changes: RunColumns) -> None:
        told = Event(run_id=run_id, event=told_as, time=self._now(), data=data)
        with self._database.write() as session:
            _moved(session.connection(), run_id, event, changes)
            append(session, told)
        self._events.observed(told)

    def change(self, run_id: str, **changes: Unpack[RunColumns]) -> None:
        """Writes columns that are no part of the state machine: head, caps, the request to stop. The run is there."""
        with self._database.write() as session:
            session.connection().execute(_CHANGE_ONE, {**changes, "of_run": run_id}).one()

    def request_stop(self, run_id: str, terms: Terms | None = None) -> None:
        """Asks the process that works on the run to stop; tells ``stop_requested``.

        Raises ChangedMeanwhileError where ``terms`` say that something else was looked at.
        """
        told = Event(run_id=run_id, event=EventName.STOP_REQUESTED, time=self._now(), data={**terms.told()} if terms else {})
        with self._database.write() as session:
            if terms is not None:
                judge_mark(run_mark(session, run_id), terms.seen, f"run '{run_id}'", run_id)
            session.connection().execute(_CHANGE_ONE, {"stop_requested": True, "of_run": run_id}).one()
            append(session, told)
        self._events.observed(told)

    def stop_requested(self, run_id: str) -> bool:
        ((is_requested,),) = self._database.rows(_STOP_REQUESTED, of_run=run_id)
        return bool(is_requested)


def run_of(connection: Connection, run_id: str) -> RunRow | None:
    return next(iter(read_as(RunRow, connection.execute(_ONE, {"of_run": run_id}).all())), None)


def plan_of(connection: Connection, run_id: str) -> PlanRow:
    """The newest revision of the run's plan."""
    (newest,) = read_as(PlanRow, connection.execute(_NEWEST_PLAN, {"of_run": run_id}).all())
    return newest


def _moved(connection: Connection, run_id: str, event: RunEvent, changes: RunColumns) -> tuple[RunState, dict[str, object]]:
    """The state that it is in now, and why."""
    before = connection.execute(_STATE, {"of_run": run_id}).scalar_one()
    state = next_run_state(RunState(before), event)
    why = connection.execute(_MOVE, {"state": state.value, **changes, "of_run": run_id}).one()
    return state, why._asdict()


def _queue(connection: Connection, new: NewRun) -> None:
    rows = []
    for position, phase in enumerate(new.plan.phases):
        commit = new.landed.get(phase.id)
        state = PhaseState.QUEUED if commit is None else PhaseState.COMPLETE
        rows.append(PhaseRow(run_id=new.run_id, phase_id=phase.id, position=position, state=state, commit=commit).model_dump())
    connection.execute(_ADD_PHASES, rows)
