"""Holds everything that one start of a run works with; it is made once, and handed down in the parts that each function uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autopack.core.budget import Caps, HoursCap
from autopack.core.clock import Clock
from autopack.core.error_report import ErrorReport
from autopack.core.events import Event, EventName
from autopack.core.models_settings import ModelsSettings
from autopack.core.plan import PhaseSpec, Plan
from autopack.core.redaction import Redactor
from autopack.core.settings import ApiKey, Settings
from autopack.executor.caps import caps_with
from autopack.executor.sleep_detection import SleepDetector
from autopack.executor.slot import Slot
from autopack.executor.stopping import StopFlag
from autopack.executor.waiting import Waits
from autopack.llm.calls.journal_file import ReplayJournal
from autopack.llm.service import LlmService
from autopack.memory.rule_file import RuleFile
from autopack.memory.vector_maker import VectorMaker
from autopack.store.baselines import Baselines
from autopack.store.calls import CallJournal
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
    """What is kept of one run: the database of its repository, and its own folder ``<repo>/.autonomous_runs/<run-id>``."""

    run_id: str
    records: Path
    characters_per_token: float
    database: Database
    runs: Runs
    phases: Phases
    calls: CallJournal
    events: EventLog
    owners: Owners
    baselines: Baselines


@dataclass(frozen=True)
class RunLog:
    """Tells what happens in a run, without secrets, and when."""

    run_id: str
    events: EventLog
    redactor: Redactor
    clock: Clock
    observe: Callable[[Event], None]

    def tell(
        self,
        event: EventName,
        phase: str | None = None,
        attempt: int | None = None,
        *,
        error: ErrorReport | None = None,
        **data: object,
    ) -> None:
        """Writes one row of the event log, with the report of what it tells of where that went wrong; whoever watches sees it."""
        self.events.tell(self._event(event, phase, attempt, self.redactor.redact_within(data)), error)

    def show(self, event: EventName, phase: str | None = None, attempt: int | None = None, **data: object) -> None:
        """Whoever watches sees it; nothing is stored."""
        self.observe(self._event(event, phase, attempt, data))

    def _event(self, event: EventName, phase: str | None, attempt: int | None, data: dict[str, object]) -> Event:
        return Event(run_id=self.run_id, phase=phase, attempt=attempt, event=event, time=self.clock.now(), data=data)


Trees = Callable[[str], BaseTree]
"""Gives the files of a commit."""


@dataclass(frozen=True)
class WorkSite:
    """Where a plan is worked on: in one slot, from the repository's commits, onto the run's branch, under ``settings``."""

    plan: Plan
    settings: Settings
    environment: Mapping[str, str]
    state: State
    log: RunLog
    repository: Repository
    branch: RunBranch
    slot: Slot

    def tree(self, commit: str) -> BaseTree:
        """The files of a commit; the trees looked at last are kept."""
        return self.slot.work_tree.trees.at(commit)

    def keep_tree(self, tree: BaseTree) -> None:
        self.slot.work_tree.trees.keep(tree)


@dataclass(frozen=True)
class ModelAccess:
    """Which models may be asked, and under which caps. ``model`` is the one that a person chose for the run; a replay asks none."""

    llm: LlmService
    vector_maker: VectorMaker
    settings: ModelsSettings
    keys: tuple[ApiKey, ...]
    model: str | None
    caps: Caps
    waits: Waits
    replay: ReplayJournal | None

    def caps_of(self, phase: PhaseSpec) -> Caps:
        return caps_with(self.caps, phase)


@dataclass(frozen=True)
class RunContext:
    site: WorkSite
    models: ModelAccess
    hours: HoursCap | None
    stop: StopFlag
    awake: SleepDetector
    rules: RuleFile
    notes: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan:
        return self.site.plan

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def state(self) -> State:
        return self.site.state

    @property
    def log(self) -> RunLog:
        return self.site.log

    @property
    def replay(self) -> ReplayJournal | None:
        return self.models.replay

    def beat(self) -> None:
        """Gives a sign of life: ``status`` reads it from the owner's row, readers of the stream get an event that is not stored."""
        self.awake.look()
        self.state.owners.beat()
        self.log.show(EventName.HEARTBEAT)
