"""Holds everything that one start of a run works with; it is made once and handed down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autopack.core.budget import Caps, HoursCap
from autopack.core.call import Asking, Role
from autopack.core.clock import Clock
from autopack.core.error_report import ErrorReport
from autopack.core.events import Event, EventName
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, Settings
from autopack.core.token_count import CHARACTERS_PER_TOKEN
from autopack.executor.caps import caps_with
from autopack.executor.sleep_detection import SleepDetector
from autopack.executor.slot import Slot
from autopack.executor.stopping import StopFlag
from autopack.executor.waiting import Waits
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.service import LlmService
from autopack.memory.rule_file import RuleFile
from autopack.memory.vector_maker import VectorMaker
from autopack.store.attempts import AttemptKey
from autopack.store.baselines import Baselines
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.owners import Owners
from autopack.store.phases import Phases
from autopack.store.runs import Runs
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.repository import Repository
from autopack.worktree.run_branch import RunBranch


@dataclass(frozen=True)
class State:
    """The database of one repository, seen from one run."""

    database: Database
    runs: Runs
    phases: Phases
    events: EventLog
    owners: Owners
    baselines: Baselines


Trees = Callable[[str], BaseTree]
"""Gives the files of a commit."""


class Tell(Protocol):
    """Writes one row of the event log, seen by whoever watches."""

    def __call__(
        self,
        event: EventName,
        phase: PhaseSpec | None = None,
        attempt: int | None = None,
        *,
        error: ErrorReport | None = None,
        **data: object,
    ) -> None: ...


@dataclass(frozen=True)
class RunContext:
    """``records`` is ``<repo>/.autonomous_runs/<run-id>``; ``slot`` is where the phase in hand is worked on."""

    run_id: str
    plan: Plan
    settings: Settings
    state: State
    repository: Repository
    branch: RunBranch
    slot: Slot
    llm: LlmService
    vector_maker: VectorMaker
    keys: tuple[ApiKey, ...]
    caps: Caps
    hours: HoursCap | None
    replay: ReplayJournal | None
    model: str | None
    redactor: Redactor
    clock: Clock
    environment: Mapping[str, str]
    records: Path
    stop: StopFlag
    awake: SleepDetector
    waits: Waits
    observe: Callable[[Event], None]
    rules: RuleFile
    notes: tuple[str, ...] = ()
    characters_per_token: float = CHARACTERS_PER_TOKEN

    def asking(self, key: AttemptKey, role: Role) -> Asking:
        return Asking(run=self.run_id, phase=key.phase, attempt=key.number, role=role)

    def caps_of(self, phase: PhaseSpec) -> Caps:
        return caps_with(self.caps, phase)

    def tree(self, commit: str) -> BaseTree:
        """The files of a commit; the trees looked at last are kept."""
        return self.slot.work_tree.trees.at(commit)

    def keep_tree(self, tree: BaseTree) -> None:
        self.slot.work_tree.trees.keep(tree)

    def tell(
        self,
        event: EventName,
        phase: PhaseSpec | None = None,
        attempt: int | None = None,
        *,
        error: ErrorReport | None = None,
        **data: object,
    ) -> None:
        """Writes one row of the event log, with the report of what it tells of where that went wrong; whoever watches sees it."""
        told, where = self.redactor.redact_within(data), phase.id if phase else None
        self.state.events.tell(
            Event(run_id=self.run_id, phase=where, attempt=attempt, event=event, time=self.clock.now(), data=told), error
        )

    def beat(self) -> None:
        """Gives a sign of life: ``status`` reads it from the owner's row, readers of the stream get an event that is not stored."""
        self.awake.look()
        self.state.owners.beat()
        self.observe(Event(run_id=self.run_id, event=EventName.HEARTBEAT, time=self.clock.now()))
