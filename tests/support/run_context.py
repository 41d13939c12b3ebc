"""A run's real context in this process: the executor's own functions, real git, a real database, and no model but a scripted one.

`opened(folder, phase_of("one"), ...)` begins a run of that plan as `autopack run` does, up to where the first phase would be worked on.
`begin` makes an attempt, `candidate` a commit for it without a builder, `gated` brings one to where it may land.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest import mock

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.clock import Clock
from autopack.core.events import Event
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.reviewing import Decision, GateOutcome, Verdict
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.edits import AcceptedEdits
from autopack.executor.attempt.phase_context import begin_attempt
from autopack.executor.attempt.steps import Lap, Reached, Recording, Steps
from autopack.executor.lock import run_lock
from autopack.executor.options import RunOptions
from autopack.executor.project_state import ProjectState, open_project
from autopack.executor.run_context import RunContext, WorkSite
from autopack.executor.start.choose_run import choose_run
from autopack.executor.start.make_context import Given, make_context, make_run
from autopack.executor.start.run_inputs import run_inputs_of
from autopack.executor.steer.verbs import RunControl
from autopack.executor.stopping import StopFlag
from autopack.executor.watcher import Watcher
from autopack.store.attempts import AttemptKey, Failed
from autopack.store.phase_changes import hold
from autopack.worktree.candidate import ATTEMPT_TRAILER, PHASE_TRAILER, RUN_TRAILER, Content, Stamp, make_candidate
from autopack.worktree.message import text_of
from tests.support.command import FILES, Desk
from tests.support.repos import commit_files, git

CLOCK: Final = Clock(time.time, time.monotonic, time.sleep)
QUIET: Final = {"AUTOPACK_SANDBOX": "off", "AUTOPACK_CHECKS__KILL_GRACE_S": "0.5"}
"""Without a sandbox a test needs no program that this machine may lack, and is done sooner."""

FIRST: Final = Lap(1)


@dataclass
class Opened:
    """A run under way. `told` are the events so far."""

    desk: Desk
    project: ProjectState
    ctx: RunContext
    told: list[Event] = field(default_factory=list)

    @property
    def repo(self) -> Path:
        return self.desk.repo

    @property
    def site(self) -> WorkSite:
        return self.ctx.site

    def phase(self, phase: str = "one") -> PhaseSpec:
        return self.ctx.plan.phase(phase)

    def state(self, phase: str = "one") -> str:
        return self.ctx.state.phases.get(phase).state

    def git(self, *words: str) -> str:
        return git(self.repo, *words).strip()

    def head(self) -> str:
        """Where the run's branch stands."""
        return self.git("rev-parse", self.site.branch.branch)

    def messages(self, event: str) -> list[str]:
        return [told.data.get("message", "") for told in self.told if told.event == event]

    def begin(self, phase: str = "one") -> Steps:
        """An attempt on the branch's head, which has no step yet."""
        return self.steps(begin_attempt(self.ctx.site, self.phase(phase), self.head()))

    def steps(self, key: AttemptKey) -> Steps:
        """What a start reads back of an attempt that another one began."""
        return Steps.of(self.ctx.state.phases, key, self.ctx.stop)

    def candidate(self, files: Mapping[str, str | None], phase: str = "one") -> tuple[Steps, Candidate]:
        """An attempt whose candidate holds these files (None deletes), recorded as the builder's would be: the phase is checking."""
        step = self.begin(phase)
        key, base = step.key, self.site.tree(step.key.parent)
        edits = AcceptedEdits(after=files, before=dict.fromkeys(files))
        trailers = ((RUN_TRAILER, key.run), (PHASE_TRAILER, key.phase), (ATTEMPT_TRAILER, str(key.number)))
        text = text_of(self.ctx.settings.git.subject, key.phase, "a change", trailers)
        stamp = Stamp(text, self.site.repository.identity, 1_700_000_000.0, key.ref)
        made = make_candidate(self.site.repository, base, Content(edits, {}, DerivedFiles()), stamp)
        step(StepName.REPLY, Reached, lambda: Reached(ordinal=1), _with(PhaseEvent.REPLIED))
        step(StepName.CANDIDATE, Candidate, lambda: made.candidate, _with(PhaseEvent.CANDIDATE))
        return step, made.candidate

    def checked(self, files: Mapping[str, str | None], phase: str = "one") -> tuple[Steps, Candidate, CheckReport]:
        """With a green report: the phase is auditing."""
        step, candidate = self.candidate(files, phase)
        report = CheckReport(status=CheckStatus.GREEN)
        step(StepName.CHECK, CheckReport, lambda: report, _with(PhaseEvent.CHECKED))
        return step, candidate, report

    def gated(self, files: Mapping[str, str | None], phase: str = "one") -> tuple[Steps, Candidate]:
        """With all that comes before it lands: the phase is integrating."""
        step, candidate, _ = self.checked(files, phase)
        self.accepted(step)
        return step, candidate

    def accepted(self, step: Steps) -> None:
        """What auditor and gate say of a candidate that has been checked."""
        step(StepName.AUDIT, Verdict, lambda: Verdict(verdict="approve"), _with(PhaseEvent.AUDITED))
        step(StepName.GATE, Decision, lambda: Decision(outcome=GateOutcome.LAND), _with(PhaseEvent.ACCEPTED))

    def asking(self, step: Steps | None = None) -> Steps:
        """An attempt whose builder asked a person: the phase is held with a question."""
        step = step or self.begin()
        phases = self.ctx.state.phases
        phases.fail_attempt(step.key, Failed(FailureKind.BUILDER_BLOCKED, "Which one?"))
        phases.move(step.key.phase, PhaseEvent.HOLD, step.key.number, hold(HeldReason.BUILDER_BLOCKED, "Which one?"))
        return step

    @property
    def helm(self) -> RunControl:
        """The run as a person steers it at this moment."""
        return RunControl.of(self.project, "r", CLOCK.now)

    def lose(self, oid: str) -> None:
        """Git no longer has that object, as after a `git gc --prune=now` that no ref kept it from."""
        (self.repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    def commit(self, files: Mapping[str, str | None], *, on: str | None = None) -> str:
        """A person's commit on the run's branch, whose checkout is left again; or on another commit, and on no branch."""
        self.git("switch", "-q", *(("--detach", on) if on else (self.site.branch.branch,)))
        commit = commit_files(self.repo, files, "by hand")
        self.git("switch", "-q", "main")
        return commit


def _with(event: PhaseEvent) -> Callable[[object], Recording]:
    return lambda _: Recording(event)


@contextmanager
def opened(
    folder: Path,
    *phases: Mapping[str, Any],
    files: Mapping[str, str | bytes] = FILES,
    env: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    **plan: Any,
) -> Iterator[Opened]:
    """A new run `r` of a plan with these phases; `plan` are keys at its top."""
    desk = Desk.make(folder, files).with_env(**{**QUIET, **(env or {})})
    desk.plan(*phases, **plan)
    with started(desk, **(options or {})) as run:
        yield run


@contextmanager
def started(desk: Desk, **options: Any) -> Iterator[Opened]:
    """One start of the run `r`, which is made where there is none yet."""
    with project_of(desk) as (project, told):
        asked = RunOptions(desk.repo, "r", **options)
        chosen = choose_run(project, asked, CLOCK.now())
        inputs = run_inputs_of(project, chosen.plan, asked.replay)
        with run_lock(project.locks, chosen.run_id):
            watcher = Watcher(told.append, lambda _: None, lambda _: None)
            row = make_run(project, chosen, asked, inputs)
            stop = StopFlag(lambda: project.runs.stop_requested("r"), watcher)
            ctx = make_context(project, row, Given(chosen.plan, asked, inputs, CLOCK, watcher), stop)
            project.runs.move("r", RunEvent.START)
            try:
                yield Opened(desk, project, ctx, told)
            finally:
                ctx.models.llm.close()
                ctx.state.owners.release()


@contextmanager
def project_of(desk: Desk) -> Iterator[tuple[ProjectState, list[Event]]]:
    """The repository with its state, as a command of that desk opens it, and the events that it will see."""
    told: list[Event] = []
    with mock.patch.dict(os.environ, desk.environment, clear=True):
        project = open_project(desk.repo, CLOCK, told.append)
    try:
        yield project, told
    finally:
        project.database.close()
