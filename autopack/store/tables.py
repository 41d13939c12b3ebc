"""Declares the tables. Rows are written once where possible; figures are counted from rows, never stored beside them."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, Row, String, Table, UniqueConstraint
from sqlalchemy.types import TypeEngine
from sqlmodel import AutoString, Field, SQLModel

from autopack.core.held import HELD, HeldReason
from autopack.core.states import Hold
from autopack.core.token_count import CHARACTERS_PER_TOKEN


def core_table(row: type[SQLModel]) -> Table:
    """The table for statements without the mapper, which takes a millisecond more for each."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


_SHARED: Final[dict[type, TypeEngine[Any]]] = {AutoString: String(), Float: Float(), Integer: Integer(), Boolean: Boolean()}


def share_types(metadata: MetaData) -> None:
    """Gives all columns of a type one object for it: SQLAlchemy prepares each object anew, a tenth of a millisecond for a column."""
    for table in metadata.tables.values():
        for column in table.columns:
            column.type = _SHARED.get(type(column.type), column.type)


Kind = TypeVar("Kind", bound=SQLModel)


def read_as(kind: type[Kind], found: Sequence[Row[Any]]) -> tuple[Kind, ...]:
    """Whole rows that such a statement found, for whoever only reads them: no session writes back what is changed in one."""
    return tuple(kind(**row._asdict()) for row in found)


class RunRow(SQLModel, table=True):
    __tablename__ = "run"
    run_id: str = Field(primary_key=True)
    project: str
    goal: str
    repo: str
    branch: str
    base_commit: str
    head_commit: str
    state: str
    reason: str | None = None
    message: str | None = None
    exit_code: int | None = None
    plan_path: str
    plan_revision: int = 1
    sandbox: str = "none"
    max_usd: float | None = None
    max_tokens: int | None = None
    max_hours: float | None = None
    """The caps in force, the lowest of plan, configuration and option."""
    option_max_usd: float | None = None
    option_max_tokens: int | None = None
    option_max_hours: float | None = None
    """The last values of ``--max-usd``, ``--max-tokens`` and ``--max-hours``."""
    cap_by: str | None = None
    """Who set the cap that a stopped run met."""
    wait_until: float | None = None
    wait_began: float | None = None
    """Since when it waits for a provider, over kills and probes; None once it was answered or gave up."""
    health_since: float = 0
    """What went wrong up to here no longer counts: a person said ``--reset-health``."""
    stop_requested: bool = False
    replay_path: str | None = None
    """The journal that answers instead of providers."""
    is_replay_strict: bool = False
    characters_per_token: float = CHARACTERS_PER_TOKEN
    """By which what its builders are shown is fitted to tokens."""
    settings_json: str = "{}"
    created_at: float
    started_at: float
    ended_at: float | None = None


class PlanRow(SQLModel, table=True):
    __tablename__ = "plan"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    revision: int = Field(primary_key=True)
    sha256: str
    text: str
    at: float
    given_json: str = "{}"
    """The values of the plan's inputs, as JSON."""


class OwnerRow(SQLModel, table=True):
    """The process that works on a run; the lock itself is a flock on a file."""

    __tablename__ = "owner"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    pid: int
    started: float
    boot_id: str
    heartbeat: float


class LiveRow(SQLModel, table=True):
    """What a run is doing at this moment, as JSON; a dead process leaves its last one."""

    __tablename__ = "live"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    live_json: str


class ChildRow(SQLModel, table=True):
    """A process group that a run started, so that the next start can end orphans."""

    __tablename__ = "child"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    pid: int = Field(primary_key=True)
    started: float = Field(primary_key=True)
    boot_id: str


class PhaseRow(SQLModel, table=True):
    __tablename__ = "phase"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    phase_id: str = Field(primary_key=True)
    position: int
    state: str
    held_reason: str | None = None
    """A ``HeldReason``; None where the phase waits for nobody."""
    held_message: str | None = None
    held_paths: str = "[]"
    """JSON list of the paths that the builder asks for."""
    skipped_because: str | None = None
    commit: str | None = None
    failure_kind: str | None = None
    failure_message: str | None = None
    counts_from: int = 0
    """Attempts up to this number do not count against ``max_attempts``: the last ``retry`` came after them."""
    model: str | None = None
    """The model that a person chose for this phase with ``retry --model``."""
    added_scope: str = "[]"
    """JSON list of scope entries that a person added with ``retry --add-scope``."""
    granted_scope: str = "[]"
    """JSON list of paths that the builder asked for and that the plan's ``may_add`` allows."""

    @property
    def held(self) -> Hold | None:
        """What the phase waits for."""
        return HELD[HeldReason(self.held_reason)].asks if self.held_reason else None


class AttemptRow(SQLModel, table=True):
    __tablename__ = "attempt"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    phase_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    parent: str
    started_at: float
    ended_at: float | None = None
    outcome: str | None = None
    failure_kind: str | None = None
    message: str | None = None
    evidence: str | None = None
    mode: str | None = None
    """The form that most of its files were asked for in."""
    forced_mode: str | None = None
    """The form that earlier failures forced on all files."""
    is_small: bool = True
    """Whether every file of the scope could have been answered whole."""
    only_auditor_against: bool = False
    is_adopted: bool = False
    """Whether its candidate is a person's commit."""


class HintRow(SQLModel, table=True):
    """What a person told the builder of a phase; it is shown after attempt ``after`` and ever since."""

    __tablename__ = "hint"
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.run_id")
    phase_id: str
    after: int
    text: str
    at: float


class StepRow(SQLModel, table=True):
    """The recorded result of one step of an attempt; it is looked up before the step runs again."""

    __tablename__ = "step"
    run_id: str = Field(primary_key=True, foreign_key="run.run_id")
    phase_id: str = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    result_json: str
    at: float


class CallRow(SQLModel, table=True):
    """One request on the wire. ``state``: intent, replied, failed, unknown.

    The long columns stand last, so that SQLite adds up the short ones without reading through them. ``run_id`` is no foreign key: a
    planner asks before there is a run.
    """

    __tablename__ = "call"
    __table_args__ = (UniqueConstraint("run_id", "phase_id", "attempt", "role", "ordinal"), Index("call_by_run", "run_id", "id"))
    id: int | None = Field(default=None, primary_key=True)
    run_id: str
    phase_id: str
    attempt: int
    role: str
    ordinal: int
    question: int = 1
    """Which question of that role in that attempt; wire failures and resumes ask the same question under further ordinals."""
    provider: str
    model: str
    state: str
    request_sha256: str
    """The hash of the prompt alone: it is the same for every model."""
    ceiling_tokens: int
    ceiling_usd: str | None = None
    estimated_tokens: int = 0
    """Of its prompt, before any correction; 0 where the server does not report what it took."""
    stop: str | None = None
    answering_model: str | None = None
    request_id: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    usd: str | None = None
    error_kind: str | None = None
    error: str | None = None
    is_replayed: bool = False
    sent_at: float
    ended_at: float | None = None
    retry_at: float | None = None
    """When the provider wants to be asked again, as it said with its error."""
    request_json: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The request, redacted, as sent; zlib-compressed JSON."""
    reply_json: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    """The provider's final message, zlib-compressed JSON."""
    text: str | None = None
    calls_json: str = "[]"
    """JSON list of the tool calls that the reply makes: name and arguments of each."""


class EventRow(SQLModel, table=True):
    __tablename__ = "event"
    __table_args__ = (Index("event_by_run", "run_id", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    run_id: str = Field(foreign_key="run.run_id")
    phase_id: str | None = None
    attempt: int | None = None
    event: str
    data_json: str = "{}"
    time: float


class BaselineRow(SQLModel, table=True):
    """A command's report on a tree, by (tree, command, environment)."""

    __tablename__ = "baseline"
    tree: str = Field(primary_key=True)
    command_sha256: str = Field(primary_key=True)
    environment_sha256: str = Field(primary_key=True)
    report_json: str
    at: float


share_types(SQLModel.metadata)
