"""The story of a phase as ``show`` tells it: the single source of its JSON."""

from typing import Final

from autopack.core.approval import Approval
from autopack.core.call import Usage
from autopack.core.candidate import Candidate
from autopack.core.checking import StepStatus
from autopack.core.counted import counted
from autopack.core.goal_drift import Drift
from autopack.core.model import Frozen
from autopack.core.remedy import Decided
from autopack.core.reviewing import Decision, Verdict
from autopack.core.status import PhaseStatus, UsageStatus
from autopack.core.test_runs import NewTests, OldTests

WORDS_GONE: Final = "autopack gc let go of what models were asked and answered"


class CallStory(Frozen):
    """One request on the wire. ``usd`` is None where nothing was answered or no price is known.

    ``is_let_go``: ``gc`` let go of what was asked and answered.
    """

    role: str
    ordinal: int
    requested_model: str
    answering_model: str | None
    state: str
    stop: str | None
    error: str | None
    usage: Usage
    usd: float | None
    is_replayed: bool
    is_let_go: bool = False


class LookedStory(Frozen):
    """What a role looked at by itself: a line for each call of each round."""

    role: str
    rounds: tuple[tuple[str, ...], ...]

    @property
    def calls(self) -> tuple[str, ...]:
        return tuple(call for calls in self.rounds for call in calls)

    @property
    def head(self) -> str:
        return f"{self.role}, {counted(len(self.rounds), 'round')}"


class StepStory(Frozen):
    name: str
    command: str
    status: StepStatus
    exit_code: int | None
    duration_s: float
    detail: str
    passed: int
    failed: int
    skipped: int


class ChecksStory(Frozen):
    """A check report with its test ids where they matter and without its output, which is in the log."""

    status: str
    reason: str | None
    passed: int
    failed: int
    newly_failed: tuple[str, ...]
    red_before: tuple[str, ...]
    forgiven: tuple[str, ...]
    flaky: tuple[str, ...]
    written: tuple[str, ...]
    steps: tuple[StepStory, ...]


class AttemptFailure(Frozen):
    kind: str
    message: str
    evidence: str
    fault: str | None = None


class AttemptStory(Frozen):
    """``outcome``: complete, failed, granted (more paths), replaced (by a person), open. ``is_adopted``: its candidate is a person's.

    ``decided``: what followed its failure.
    """

    number: int
    outcome: str
    mode: str | None
    is_adopted: bool
    parent: str
    started_at: str
    ended_at: str | None
    duration_s: float | None
    failure: AttemptFailure | None
    drift: Drift | None
    candidate: Candidate | None
    checks: ChecksStory | None
    old_tests: OldTests | None
    new_tests: NewTests | None
    verdict: Verdict | None
    decision: Decision | None
    decided: tuple[Decided, ...]
    approval: Approval | None
    commit: str | None
    calls: tuple[CallStory, ...]
    looked: tuple[LookedStory, ...]
    usage: UsageStatus
    log: str | None


class Overcome(Frozen):
    """Failures of one phase that were alike, and were overcome. ``attempts`` are those that failed so; times are UTC, ISO 8601."""

    run_id: str
    phase: str
    kind: str
    message: str
    attempts: tuple[int, ...]
    tried: tuple[str, ...]
    resolved: str
    first_seen: str | None
    resolved_at: str | None


class PhaseStory(Frozen):
    """``phase`` is what ``status`` says of it; ``why`` is why it stands where it stands; ``overcome`` is its debug journal.

    ``next`` are the commands that lead on.
    """

    run_id: str
    phase: PhaseStatus
    why: str | None
    description: str
    scope: tuple[str, ...]
    depends_on: tuple[str, ...]
    acceptance_criteria: tuple[str, ...]
    max_attempts: int | None
    attempts: tuple[AttemptStory, ...]
    overcome: tuple[Overcome, ...]
    next: tuple[str, ...]

    @property
    def is_let_go(self) -> bool:
        """Whether only the figures of some of its calls are left."""
        return any(call.is_let_go for attempt in self.attempts for call in attempt.calls)
