"""A state database with one run of three phases, each waiting for the one before."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from autopack.core.events import Event
from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec, Plan
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.store.attempts import Asked, AttemptKey, Failed
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.phase_changes import Landed
from autopack.store.phases import Phases
from autopack.store.runs import NewRun, Runs
from autopack.store.steering import Steering


@dataclass
class Kept:
    """The tables of one database; ``at`` is the clock, ``seen`` what a watcher was told."""

    database: Database
    at: float = 100.0
    seen: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.events = EventLog(self.database, self.seen.append)
        self.runs = Runs(self.database, self.events, lambda: self.at)
        self.phases = Phases(self.database, self.events, "r", lambda: self.at)
        self.steering = Steering(self.database, self.events, "r", lambda: self.at)

    def create(self, run_id: str = "r") -> None:
        self.runs.create(NewRun(run_id, "/repo", f"autopack/{run_id}", "base", plan(), "autopack.yaml", "text: ż\n", "sha"))

    def start(self) -> None:
        self.runs.move("r", RunEvent.START)

    def begin(self, phase: str = "one", mode: str = "full_file") -> AttemptKey:
        return self.phases.begin_attempt(phase, "base", Asked(None, mode, is_small=True))

    def to(self, key: AttemptKey, *events: PhaseEvent) -> None:
        for event in events:
            self.phases.record_step(key, event.value, "{}", event, None)

    def land(self, phase: str, commit: str) -> AttemptKey:
        key = self.begin(phase)
        self.to(key, PhaseEvent.REPLIED, PhaseEvent.CANDIDATE, PhaseEvent.CHECKED, PhaseEvent.AUDITED, PhaseEvent.ACCEPTED)
        self.phases.record_step(key, "commit", "{}", PhaseEvent.INTEGRATED, Landed(commit=commit))
        return key

    def fail(self, key: AttemptKey, failed: Failed) -> None:
        self.phases.fail_attempt(key, failed)

    def states(self) -> list[str]:
        return [row.state for row in self.phases.all()]


def plan() -> Plan:
    before: tuple[str, ...] = ()
    phases = []
    for name in ("one", "two", "three"):
        phases.append(
            PhaseSpec(
                id=name,
                description="d",
                scope=PhaseScope(paths=("a.py",)),
                ci=Checks(steps=(CheckStep(command="true"),)),
                depends_on=before,
            )
        )
        before = (name,)
    return Plan(project="p", goal="g", phases=tuple(phases))


@pytest.fixture
def kept(tmp_path) -> Iterator[Kept]:
    """The run ``r`` as it is made."""
    database = Database.open(tmp_path / "state.db")
    found = Kept(database)
    found.create()
    yield found
    database.close()
