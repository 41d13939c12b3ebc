"""What a project's runs have learned from failures, and what its people want heeded: rules for the builder."""

from enum import StrEnum
from typing import Final

from autopack.core.model import Frozen
from autopack.core.scope import overlap

HELPED_NOT_MAX: Final = 2
"""A rule sinks once so many failures like its own came although it was shown."""

RUNS_FOR_A_RULE: Final = 2
"""A hint holds for its run; seen in so many runs it is a rule of the project."""


class RuleState(StrEnum):
    """A ``hint`` holds for the later phases of its run, a ``rule`` for every run; what has ``sunk`` or is ``deprecated`` is not shown."""

    HINT = "hint"
    RULE = "rule"
    SUNK = "sunk"
    DEPRECATED = "deprecated"


class RuleOrigin(StrEnum):
    """``file``: ``.autopack/rules.yaml``."""

    RUN = "run"
    PERSON = "person"
    FILE = "file"


class Lesson(Frozen):
    """What one resolved failure teaches: ``failure`` is what it was, ``text`` what resolved it; both redacted."""

    project: str
    run: str
    phase: str
    attempt: int
    kind: str
    category: str
    paths: tuple[str, ...]
    failure: str
    text: str

    @property
    def source(self) -> str:
        return f"{self.run}/{self.phase}/{self.attempt}"


class Rule(Frozen):
    """``kind`` is what the failure is called in configuration files; empty category, paths or kind mean any.

    ``runs`` are those that learned it, ``helped_not`` counts failures like its own that came although it was shown, since it was
    learned last.
    """

    name: str
    project: str
    text: str
    failure: str = ""
    kind: str = ""
    category: str = ""
    paths: tuple[str, ...] = ()
    origin: RuleOrigin
    source: str = ""
    runs: tuple[str, ...] = ()
    helped_not: int = 0
    is_learned: bool = False
    is_promoted: bool = False
    is_deprecated: bool = False

    @property
    def state(self) -> RuleState:
        if self.is_deprecated:
            return RuleState.DEPRECATED
        if self.helped_not >= HELPED_NOT_MAX:
            return RuleState.SUNK
        is_known = self.is_promoted or self.origin is not RuleOrigin.RUN or len(self.runs) >= RUNS_FOR_A_RULE
        return RuleState.RULE if is_known else RuleState.HINT

    def holds_in(self, run: str) -> bool:
        """Whether a builder of that run may be shown it."""
        return self.state is RuleState.RULE or (self.state is RuleState.HINT and run in self.runs)

    @property
    def came_from(self) -> str:
        """For people and models: ``run shop-1/basket/2, seen in 2 runs``."""
        if self.origin is RuleOrigin.RUN:
            seen = f", seen in {len(self.runs)} runs" if len(self.runs) > 1 else ""
            return f"run {self.source}{seen}"
        return "a person" if self.origin is RuleOrigin.PERSON else self.source


class ShownRule(Frozen):
    """A rule as a prompt holds it."""

    name: str
    text: str
    failure: str = ""
    came_from: str
    is_a_persons: bool = False


class Ruling(Frozen):
    """What one attempt was shown anew, the best first, and the names of rules shown before that hold no longer."""

    rules: tuple[ShownRule, ...] = ()
    withdrawn: tuple[str, ...] = ()


class InVain(Frozen):
    """Rules that an attempt was shown, and that failed as they say all the same."""

    project: str
    names: tuple[str, ...] = ()


class Situation(Frozen):
    """What a builder is about to do: ``kind`` and ``failure`` are those of the attempt before, empty at a first one."""

    project: str
    run: str
    category: str
    paths: tuple[str, ...]
    kind: str = ""
    failure: str = ""


def touches(rule: Rule, situation: Situation) -> bool:
    """Whether one of the rule's paths may be one that the phase changes."""
    return any(overlap(one, other) for one in rule.paths for other in situation.paths)
