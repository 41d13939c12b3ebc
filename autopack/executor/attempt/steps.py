"""Runs each step of an attempt once: ``step(name, ...)`` records its result, and a resumed attempt reads it back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel

from autopack.core.candidate import Candidate, Committed, DerivedFiles
from autopack.core.checking import CheckReport
from autopack.core.model import Frozen
from autopack.core.reviewing import Decision, Verdict
from autopack.core.status import ChecksStatus
from autopack.core.step_names import StepName
from autopack.core.test_runs import NewTests, OldTests
from autopack.core.transitions import PhaseEvent
from autopack.executor.stopping import StopFlag
from autopack.store.attempts import AttemptKey
from autopack.store.phase_changes import PhaseChange
from autopack.store.phases import Phases

Result = TypeVar("Result", bound=BaseModel)


class Reached(Frozen):
    """The result of a step that produces nothing of its own: the journal keeps the reply."""

    ordinal: int


@dataclass(frozen=True)
class Recording:
    """What is written with a result: the transition, if it makes one, and the data of that transition."""

    event: PhaseEvent | None = None
    change: PhaseChange | None = None


@dataclass(frozen=True)
class Lap:
    """Which head the candidate is made on: 1, and one more each time that the branch moved."""

    number: int

    def name(self, step: StepName) -> str:
        return step.on_lap(self.number)

    def of_attempt(self, attempt: int) -> str:
        """The attempt and the number of the head, for the names of logs: ``2``, ``2.3``."""
        return str(attempt) if self.number == 1 else f"{attempt}.{self.number}"

    def next(self) -> "Lap":
        return Lap(self.number + 1)


@dataclass(frozen=True)
class Steps:
    """The steps of one attempt, in order. ``results`` holds its recorded results; no other process writes them meanwhile."""

    phases: Phases
    key: AttemptKey
    stop: StopFlag
    results: dict[str, str]

    @classmethod
    def of(cls, phases: Phases, key: AttemptKey, stop: StopFlag) -> "Steps":
        return cls(phases, key, stop, phases.step_results(key))

    def __call__(self, name: str, kind: type[Result], run: Callable[[], Result], recording: Callable[[Result], Recording]) -> Result:
        """The recorded result, or that of ``run``, recorded with transition and event in one transaction before it is returned."""
        recorded = self.recorded(name, kind)
        if recorded is not None:
            return recorded
        self.stop.check()
        result = run()
        what = recording(result)
        text = result.model_dump_json()
        self.phases.record_step(self.key, name, text, what.event, what.change)
        self.results[name] = text
        return result

    def pin(self, name: str, kind: type[Result], run: Callable[[], Result]) -> Result:
        """As a call, for what is only looked up: no transition, no event."""
        recorded = self.recorded(name, kind)
        if recorded is not None:
            return recorded
        result = run()
        text = result.model_dump_json()
        self.phases.pin_step(self.key, name, text)
        self.results[name] = text
        return result

    def record_again(self, name: str, result: BaseModel) -> None:
        """Replaces the recorded result: the step had to run once more."""
        text = result.model_dump_json()
        self.phases.replace_step(self.key, name, text)
        self.results[name] = text

    def recorded(self, name: str, kind: type[Result]) -> Result | None:
        text = self.results.get(name)
        return kind.model_validate_json(text) if text is not None else None


_RECORDED: Final = (Reached, DerivedFiles, Candidate, CheckReport, OldTests, NewTests, Verdict, Decision, Committed, ChecksStatus)


def build_shapes() -> None:
    """Builds Pydantic's validators early: at first use each would cost half a millisecond between a reply and its audit."""
    for shape in _RECORDED:
        shape.model_rebuild()
