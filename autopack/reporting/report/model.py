"""The report of a run: everything that its pages say, in the order in which a person wants to know it in the morning."""

from typing import Literal

from autopack.core.model import Frozen
from autopack.core.status import PhaseStatus, RunStatus, UsageStatus
from autopack.reporting.story import AttemptStory, PhaseStory
from autopack.reporting.timeline import PhaseBars
from autopack.reporting.usage import Share

Answer = Literal["met", "not met", "not judged", "called wrong"]
Concern = Literal["held", "failed", "risk", "criteria", "flaky", "tests", "override", "attempts", "cost"]


class LookAt(Frozen):
    """Something that a person should look at. ``commands`` show it or lead on."""

    phase: str | None
    concern: Concern
    message: str
    commands: tuple[str, ...] = ()


class CriterionStory(Frozen):
    """``is_weak``: met, says the auditor, who names no evidence for it."""

    criterion: str
    answer: Answer
    evidence: str
    is_weak: bool


class PhaseReport(Frozen):
    """``judged`` is the attempt that landed, or else the newest that was judged; ``diff`` is empty where there is no change to show."""

    story: PhaseStory
    judged: AttemptStory | None
    criteria: tuple[CriterionStory, ...]
    usage: UsageStatus
    diff: str
    diff_command: str

    @property
    def phase(self) -> PhaseStatus:
        return self.story.phase


class Times(Frozen):
    """Seconds. ``worked`` is all of the time in which a process worked on the run; ``other`` is what is in none of the rest."""

    worked: float
    models: float
    checks: float
    waiting: float

    @property
    def other(self) -> float:
        return max(0.0, self.worked - self.models - self.checks - self.waiting)


class RunReport(Frozen):
    """``began`` and ``ended`` are UTC epoch seconds."""

    run: RunStatus
    project: str
    began: float
    ended: float | None
    look_at: tuple[LookAt, ...]
    phases: tuple[PhaseReport, ...]
    timeline: tuple[PhaseBars, ...]
    by_model: tuple[Share, ...]
    by_role: tuple[Share, ...]
    by_phase: tuple[Share, ...]
    times: Times
