"""A run as the store's own functions write it down: a repository, its state and one phase of each kind, without any executor."""

import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from autopack.core.budget import Caps, Ceiling
from autopack.core.call import Asking, Prompt, PromptBlock, Reply, Role, StopReason, Usage
from autopack.core.candidate import Candidate, Committed
from autopack.core.checking import CheckReport, CheckStatus, StepReport, StepStatus, TestResults
from autopack.core.events import Event
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.reviewing import Criterion, Decision, GateOutcome, Issue, Verdict
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.planning.plan_file import PlanSource, load_plan
from autopack.store.attempts import Asked, AttemptKey, Failed
from autopack.store.call_records import NewCall
from autopack.store.calls import CallJournal
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.phase_changes import Landed, PhaseChange, Skipped, hold
from autopack.store.phases import Phases
from autopack.store.runs import NewRun, Runs
from tests.support.repos import git, make_repo

PLAN = """\
version: 1
project: shop
goal: A shop that sells things, carefully.
defaults: {ci: {command: "pytest -q"}}
phases:
  - id: add-model
    description: Add the model of an article with its price.
    acceptance_criteria: ["an article has a price", "a price is never negative"]
    scope: {paths: [src/, tests/test_model.py]}
  - id: add-basket
    description: Add a basket that sums up what is in it.
    scope: {paths: [src/]}
  - id: add-checkout
    description: Add the checkout.
    scope: {paths: [src/]}
"""


class Made(PhaseChange):
    commit: str


class Counted(PhaseChange):
    passed: int
    failed: int


class Judged(PhaseChange):
    verdict: str


class Again(PhaseChange):
    message: str


@dataclass
class ToldRun:
    """Writes what an executor would; ``at`` is the clock."""

    repo: Path
    run_id: str = "shop-1"
    at: float = field(default_factory=lambda: time.time() - 600)

    def __post_init__(self) -> None:
        self.database = Database.open(self.repo / ".git" / "autopack" / "autopack.db")
        self.events = EventLog(self.database)
        self.runs = Runs(self.database, self.events, self.now)
        self.phases = Phases(self.database, self.events, self.run_id, self.now)
        self.calls = CallJournal(self.database, self.now)
        self.base = git(self.repo, "rev-parse", "HEAD").strip()
        self.head = self.base

    def now(self) -> float:
        self.at += 1
        return self.at

    def create(self, plan_text: str = PLAN) -> "ToldRun":
        path = str(self.repo / "autopack.yaml")
        source = PlanSource.pinned(path, plan_text)
        plan = load_plan(source, "shop")
        branch = f"autopack/{self.run_id}"
        git(self.repo, "branch", "-f", branch, self.base)
        self.runs.create(NewRun(self.run_id, str(self.repo), branch, self.base, plan, path, plan_text, source.sha256))
        return self

    def start(self, **changes: object) -> "ToldRun":
        self.runs.move(self.run_id, RunEvent.START, **changes)
        return self

    def end(self, event: RunEvent, exit_code: int, reason: str | None = None, message: str | None = None) -> None:
        self.runs.move(self.run_id, event, exit_code=exit_code, reason=reason, message=message, ended_at=self.now())

    def begin(self, phase: str) -> AttemptKey:
        return self.phases.begin_attempt(phase, self.head, Asked(None, "full_file", is_small=True))

    def ask(self, key: AttemptKey, role: Role | str, text: str, *, usd: str | None = "0.0312", question: str = "Do it.") -> int:
        """An answered call."""
        prompt = Prompt(system="You build.", blocks=(PromptBlock(text=question),), reply_name="reply", reply_schema={})
        request = {"form": 1, "provider": "anthropic", "model": "sonnet-5", "prompt": prompt.model_dump(mode="json")}
        asking = Asking(run=key.run, phase=key.phase, attempt=key.number, role=Role(role))
        ordinal = len(self.calls.stored(asking, 1)) + 1
        number = self.calls.intend(NewCall(asking, ordinal, "anthropic", "sonnet-5", request, "00"), Ceiling(tokens=9, usd=None), Caps())
        reply = Reply(
            text=text,
            stop=StopReason.END,
            usage=Usage(input_tokens=12_345, output_tokens=678, cache_read_tokens=1_000),
            provider="anthropic",
            requested_model="sonnet-5",
            answering_model="sonnet-5-20260101",
            usd=None if usd is None else Decimal(usd),
            received_at=self.now(),
        )
        self.calls.settle(number, reply, {"id": "msg"})
        return number

    def candidate(self, key: AttemptKey, files: dict[str, str]) -> Candidate:
        """A commit on no branch, kept by the attempt's ref, and the two steps that lead to it."""
        self.phases.record_step(key, "reply", "{}", PhaseEvent.REPLIED, None)
        commit = commit_on(self.repo, key.parent, files, f"{key.phase}: {key.number}")
        git(self.repo, "update-ref", key.ref, commit)
        made = Candidate(
            commit=commit,
            tree=git(self.repo, "rev-parse", f"{commit}^{{tree}}").strip(),
            parent=key.parent,
            ref=key.ref,
            paths=tuple(files),
        )
        self.phases.record_step(key, "candidate", made.model_dump_json(), PhaseEvent.CANDIDATE, Made(commit=commit))
        return made

    def check(self, key: AttemptKey, report: CheckReport) -> None:
        event = PhaseEvent.CHECKED if report.status is CheckStatus.GREEN else None
        self.phases.record_step(key, "check", report.model_dump_json(), event, Counted(passed=report.passed, failed=report.failed))

    def audit(self, key: AttemptKey, verdict: Verdict) -> None:
        self.phases.record_step(key, "audit", verdict.model_dump_json(), PhaseEvent.AUDITED, Judged(verdict=verdict.verdict))

    def gate(self, key: AttemptKey, decision: Decision) -> None:
        events = {GateOutcome.LAND: PhaseEvent.ACCEPTED, GateOutcome.HOLD: PhaseEvent.HOLD, GateOutcome.REJECT: None}
        held = hold(HeldReason.GATE, " ".join(decision.reasons)) if decision.outcome is GateOutcome.HOLD else None
        self.phases.record_step(key, "gate", decision.model_dump_json(), events[decision.outcome], held)

    def land(self, key: AttemptKey, made: Candidate) -> None:
        branch = f"autopack/{self.run_id}"
        git(self.repo, "update-ref", f"refs/heads/{branch}", made.commit)
        landed = Committed(commit=made.commit, tree=made.tree, branch=branch)
        self.phases.record_step(key, "commit", landed.model_dump_json(), PhaseEvent.INTEGRATED, Landed(commit=made.commit))
        self.head = made.commit
        self.runs.change(self.run_id, head_commit=made.commit)

    def complete(self, phase: str, files: dict[str, str]) -> None:
        """A phase that goes through in one attempt."""
        key = self.begin(phase)
        self.ask(
            key, Role.BUILDER, json.dumps({"summary": "done", "files": [{"path": path, "content": text} for path, text in files.items()]})
        )
        made = self.candidate(key, files)
        self.check(key, green())
        self.ask(key, Role.AUDITOR, '{"verdict": "approve"}', usd="0.01")
        self.audit(key, APPROVED)
        self.gate(key, Decision(outcome=GateOutcome.LAND, not_judged=("a price is never negative",)))
        self.land(key, made)

    def fail_once(self, phase: str, files: dict[str, str], output: str = "E   assert 1 == 2\n") -> AttemptKey:
        """An attempt whose checks are red; the phase is recovering afterwards."""
        key = self.begin(phase)
        self.ask(key, Role.BUILDER, "{}")
        self.candidate(key, files)
        self.check(key, red(output))
        self.phases.fail_attempt(key, Failed(FailureKind.CHECKS_RED, "1 of 2 tests fails: tests/test_a.py::test_two.", output))
        return key

    def retry(self, phase: str) -> None:
        self.phases.move(phase, PhaseEvent.RETRY, 1, Again(message="again, with what failed"))

    def hold_for_review(self, phase: str, reason: str) -> None:
        key = self.begin(phase)
        self.candidate(key, {"src/held.py": "X = 1\n"})
        self.check(key, green())
        self.audit(key, APPROVED)
        self.gate(key, Decision(outcome=GateOutcome.HOLD, reasons=(reason,)))

    def hold_with_question(self, phase: str, reason: str) -> None:
        key = self.begin(phase)
        self.phases.fail_attempt(key, Failed(FailureKind.BUILDER_BLOCKED, reason))
        self.hold(key, HeldReason.BUILDER_BLOCKED, reason)

    def fail_by_auditor(self, phase: str) -> AttemptKey:
        key = self.begin(phase)
        self.candidate(key, {"src/x.py": "X = 1\n"})
        self.check(key, green())
        self.phases.fail_attempt(key, Failed(FailureKind.AUDIT_REJECTED, "Not like this.", only_auditor_against=True))
        return key

    def hold(self, key: AttemptKey, reason: HeldReason, found: str, paths: tuple[str, ...] = ()) -> None:
        self.phases.move(key.phase, PhaseEvent.HOLD, key.number, hold(reason, found, paths))

    def record(self, key: AttemptKey, name: str, result_json: str) -> None:
        """A step that makes no transition."""
        self.phases.record_step(key, name, result_json, None, None)

    def skip(self, phase: str, *, because: str) -> None:
        self.phases.move(phase, PhaseEvent.SKIP, None, Skipped(because=because))

    def tell(self, event: str, **data: object) -> None:
        self.events.tell(Event(run_id=self.run_id, event=event, time=self.now(), data=data))

    def write_log(self, phase: str, attempt: int, text: str) -> Path:
        path = self.repo / ".autonomous_runs" / self.run_id / "ci" / f"{phase}-{attempt}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


APPROVED = Verdict(
    verdict="approve",
    confidence=0.9,
    summary="Small and right.",
    issues=(Issue(severity="minor", message="A name could be longer.", path="src/a.py", line=3),),
    criteria=(Criterion(criterion="an article has a price", met=True, evidence="src/a.py:1"),),
)


def told_repo(path: Path, *, is_empty: bool = False) -> ToldRun:
    told = ToldRun(make_repo(path, {"src/a.py": "A = 1\n", "autopack.yaml": PLAN}))
    return told if is_empty else told.create()


def green() -> CheckReport:
    return CheckReport(
        status=CheckStatus.GREEN, steps=(_step(StepStatus.GREEN, 0, TestResults(passed=("t::one", "t::two")), "2 passed\n"),)
    )


def red(output: str) -> CheckReport:
    results = TestResults(passed=("t::one",), failed=("t::two",))
    return CheckReport(status=CheckStatus.RED, steps=(_step(StepStatus.RED, 1, results, output),), newly_failed=("t::two",))


def commit_on(repo: Path, parent: str, files: dict[str, str], subject: str) -> str:
    """A commit object on no branch; the index ends as it was."""
    before = git(repo, "write-tree").strip()
    git(repo, "read-tree", parent)
    for path, text in files.items():
        source = repo / ".git" / "told-file"
        source.write_text(text, "utf-8")
        blob = git(repo, "hash-object", "-w", str(source)).strip()
        git(repo, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    tree = git(repo, "write-tree").strip()
    git(repo, "read-tree", before)
    return git(repo, "commit-tree", tree, "-p", parent, "-m", subject).strip()


def _step(status: StepStatus, exit_code: int, results: TestResults, output: str) -> StepReport:
    return StepReport(name="1", command="pytest -q", status=status, exit_code=exit_code, duration_s=1.25, output=output, results=results)
