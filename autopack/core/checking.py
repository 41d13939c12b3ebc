"""What the project's own checks said about a tree."""

from enum import StrEnum

from autopack.core.failure import FailureKind, Fault
from autopack.core.model import Frozen


class StepStatus(StrEnum):
    GREEN = "green"
    RED = "red"
    TIMEOUT = "timeout"
    IDLE = "idle"
    NO_TESTS = "no_tests"
    NOT_STARTED = "not_started"


class TestResults(Frozen):
    """Test ids by outcome.

    ``errors`` could not be collected, loaded or built; a test whose set-up fails is among ``failed``. ``skipped`` holds expected
    failures too. ``is_complete`` is false where the report breaks off or is missing. ``details`` are (id, what the report says of
    it) for the first red ones.
    """

    __test__ = False

    passed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    is_complete: bool = True
    why: str = ""
    unread: tuple[str, ...] = ()
    unstable: tuple[str, ...] | None = None
    details: tuple[tuple[str, str], ...] = ()

    @property
    def ran(self) -> int:
        return len(self.passed) + len(self.failed)

    @property
    def red(self) -> tuple[str, ...]:
        return (*self.failed, *self.errors)


class StepReport(Frozen):
    """One command's end.

    ``exit_code`` is None where it was ended or never started; ``output`` keeps head and tail, without terminal codes, with paths
    relative to the work tree. ``detail`` is a sentence where there is more to say than the exit code.
    """

    name: str
    command: str
    status: StepStatus
    exit_code: int | None
    duration_s: float
    output: str
    detail: str = ""
    results: TestResults | None = None


class CheckStatus(StrEnum):
    GREEN = "green"
    RED = "red"
    SKIPPED = "skipped"


class CheckReport(Frozen):
    """The verdict over all steps of a phase's checks.

    ``newly_failed`` failed here and not on the parent; ``red_before`` failed there too; ``forgiven`` are those that
    ``baseline: parent`` lets pass; ``flaky`` were red and then green on the same tree; ``missing`` passed on the parent and did not
    run here; ``added_red`` are the new failing tests of a phase that expects red; ``written`` are tracked or unignored paths that a
    check wrote. A red report says what follows: ``failure``, ``message``, ``evidence`` are the attempt's end. ``hold`` is a sentence
    where a green one has to wait for a person. ``fault``: what kind of fault the output speaks of.
    """

    status: CheckStatus
    steps: tuple[StepReport, ...] = ()
    newly_failed: tuple[str, ...] = ()
    red_before: tuple[str, ...] = ()
    forgiven: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added_red: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    reason: str | None = None
    failure: FailureKind | None = None
    message: str = ""
    evidence: str = ""
    hold: str | None = None
    fault: Fault | None = None

    @property
    def passed(self) -> int:
        return sum(len(step.results.passed) for step in self.steps if step.results)

    @property
    def failed(self) -> int:
        return sum(len(step.results.red) for step in self.steps if step.results)
