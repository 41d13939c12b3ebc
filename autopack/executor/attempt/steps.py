"""``step(name, ...)``: an effect of an attempt happens once; its recorded result is what a resumed attempt sees."""

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
    """The result of a step that only has to be passed once; what it produced is kept elsewhere (a reply is in the journal)."""

    ordinal: int


@dataclass(frozen=True)
class Recording:
    """What is written with a result: the transition it makes, if any, and what goes with it."""

    event: PhaseEvent | None = None
    change: PhaseChange | None = None


@dataclass(frozen=True)
class Lap:
    """How often a candidate was laid on a head: 1, and one more each time the branch moved under it."""

    number: int

    def name(self, step: StepName) -> str:
        return step.on_lap(self.number)

    def of_attempt(self, attempt: int) -> str:
        """The attempt and the lap, for the names of logs: ``2``, ``2.3``."""
        return str(attempt) if self.number == 1 else f"{attempt}.{self.number}"

    def next(self) -> "Lap":
        return Lap(self.number + 1)


@dataclass(frozen=True)
class Steps:
    """The effects of one attempt, in order. ``results`` holds what is recorded of it: nobody else records steps while it is worked on."""

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

    def record_again(self, name: str, result: BaseModel) -> None:
        """In place of what is recorded: the effect had to happen once more."""
        text = result.model_dump_json()
        self.phases.replace_step(self.key, name, text)
        self.results[name] = text

    def recorded(self, name: str, kind: type[Result]) -> Result | None:
        text = self.results.get(name)
        return kind.model_validate_json(text) if text is not None else None


_RECORDED: Final = (Reached, DerivedFiles, Candidate, CheckReport, OldTests, NewTests, Verdict, Decision, Committed, ChecksStatus)


def build_shapes() -> None:
    """Pydantic builds the validator of each at its first use, half a millisecond apiece between a reply and its audit."""
    for shape in _RECORDED:
        shape.model_rebuild()
