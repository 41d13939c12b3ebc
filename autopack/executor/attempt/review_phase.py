"""Asks the auditor about a checked candidate, and lets the gate decide on checks and verdict."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeVar

from autopack.context.reading import Looker
from autopack.core.approval import Approval
from autopack.core.call import Prompt
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.reviewing import Decision, GateOutcome, Verdict
from autopack.core.scope import Scope
from autopack.core.settings import ContextSettings, QualitySettings
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.edits.protected import steers_git
from autopack.executor.attempt.ask_auditor import ask_auditor
from autopack.executor.attempt.phase_context import instructions_of
from autopack.executor.attempt.scope_grants import granted_paths
from autopack.executor.attempt.steps import Lap, Recording, Steps
from autopack.executor.attempt.weakened_tests import known_new_tests, known_old_tests
from autopack.executor.run_context import RunContext
from autopack.review.around import around, touched_files, uses_elsewhere
from autopack.review.audit_prompt import Change, audit_prompt
from autopack.review.gate import Dangers, gate, unanswered
from autopack.review.risk import WeighedChange, risk_of
from autopack.review.verdict import rejection_evidence
from autopack.review.weighed_tests import WeighedTests
from autopack.store.phase_changes import PhaseChange, hold
from autopack.worktree.diff import diff
from autopack.worktree.grep import grep
from autopack.worktree.repository import Repository

DIFF_BYTES: Final = 8_000_000
"""More bytes of a diff are not read; the prompt shares its own room fairly between the files."""


class Checked(NamedTuple):
    """A candidate, what its checks said, and its patch."""

    candidate: Candidate
    report: CheckReport
    patch: Future[str]


def patch_of(repository: Repository, candidate: Candidate) -> Future[str]:
    """The diff that the auditor is shown; git writes it while the checks run."""
    return ahead(lambda: diff(repository, candidate.parent, candidate.commit, max_bytes=DIFF_BYTES))


class Audited(PhaseChange):
    """What the log says of a verdict."""

    verdict: str
    issues: int
    summary: str


class Accepted(PhaseChange):
    """The criteria that nobody answered."""

    not_judged: tuple[str, ...]


def audit_phase(ctx: RunContext, phase: PhaseSpec, step: Steps, lap: Lap, checked: Checked) -> Verdict:
    """The recorded verdict, that of the same patch on an earlier head, or a new one."""
    return step(lap.name(StepName.AUDIT), Verdict, lambda: _verdict(ctx, phase, step, lap, checked), _audited)


@dataclass(frozen=True)
class Quality:
    """What the risk of a change is counted by: the configuration, its diff, and the scope that the plan itself gives."""

    settings: QualitySettings
    diff: Future[str]
    planned: Scope


def decide(  # noqa: PLR0913 - all that a decision is made of
    phase: PhaseSpec, step: Steps, lap: Lap, report: CheckReport, verdict: Verdict, *, quality: Quality | None = None
) -> Decision:
    """LAND or HOLD. Raises AttemptFailed for a rejection, with the auditor's issues as evidence. A person's approval overrules the gate."""
    old = known_old_tests(step, lap)
    candidate = step.recorded(StepName.CANDIDATE, Candidate)
    opens = candidate.risks if candidate is not None else ()
    approval = step.recorded(StepName.APPROVAL, Approval)

    def decided() -> Decision:
        return _approved(gate(phase, report, old, verdict, _dangers(phase, verdict, opens, quality)), approval)

    decision = _approved(step(lap.name(StepName.GATE), Decision, decided, _decided), approval)
    if decision.outcome is GateOutcome.REJECT:
        is_risk = decision.failure is FailureKind.RISK_TOO_HIGH and decision.risk is not None
        evidence = decision.risk.listed if is_risk and decision.risk else rejection_evidence(verdict)
        raise AttemptFailed(decision.failure or FailureKind.AUDIT_REJECTED, " ".join(decision.reasons), evidence)
    return decision


def _dangers(phase: PhaseSpec, verdict: Verdict, opens: tuple[str, ...], quality: Quality | None) -> Dangers:
    if quality is None:
        return Dangers(opens)
    change = WeighedChange(quality.diff.result(), quality.planned, unanswered(phase, verdict))
    risk = risk_of(change, quality.settings, phase.task_category)
    return Dangers(opens, risk, quality.settings.high_risk_categories)


def _approved(decision: Decision, approval: Approval | None) -> Decision:
    """LAND where a person approved the held candidate, or overruled the auditor; else the gate's decision."""
    if approval is not None and (decision.outcome is GateOutcome.HOLD or approval.override == "audit"):
        return Decision(outcome=GateOutcome.LAND, reasons=(approval.note,) if approval.note else (), risk=decision.risk)
    return decision


def _verdict(ctx: RunContext, phase: PhaseSpec, step: Steps, lap: Lap, checked: Checked) -> Verdict:
    site, (candidate, report, patch) = ctx.site, checked
    if lap.number > 1:
        earlier = step.recorded(StepName.AUDIT, Verdict)
        if earlier is not None:
            return earlier
    tests = WeighedTests(known_old_tests(step, lap), known_new_tests(step, lap))
    granted = granted_paths(ctx.state.phases.get(phase.id))
    rules = tuple(path for path in candidate.paths if steers_git(path))
    diff = ctx.log.redactor.redact(patch.result())
    touched = touched_files(diff, site.tree(candidate.commit), ctx.log.redactor)
    search = partial(grep, site.repository, candidate.commit)
    uses = uses_elsewhere(touched, Looker(site.tree(candidate.commit), phase, ctx.log.redactor, 0, search))
    change = Change(diff, report, candidate.derived, granted, tests, candidate.risks, rules, around(touched), uses)

    def prompt(tokens: int) -> Prompt:
        return audit_prompt(phase, change, ctx.plan.goal, instructions_of(site, candidate.parent), ContextSettings(max_tokens=tokens))

    verdict = ask_auditor(ctx, phase, step, candidate, prompt)
    return Verdict.model_validate(ctx.log.redactor.redact_within(verdict.model_dump(mode="json")))  # events and screens quote it


def _audited(verdict: Verdict) -> Recording:
    return Recording(PhaseEvent.AUDITED, Audited(verdict=verdict.verdict, issues=len(verdict.issues), summary=verdict.summary))


def _decided(decision: Decision) -> Recording:
    match decision.outcome:
        case GateOutcome.LAND:
            return Recording(PhaseEvent.ACCEPTED, Accepted(not_judged=decision.not_judged))
        case GateOutcome.HOLD:
            return Recording(PhaseEvent.HOLD, hold(HeldReason.GATE, " ".join(decision.reasons)))
        case GateOutcome.REJECT:
            return Recording()


T = TypeVar("T")


def ahead(run: Callable[[], T]) -> Future[T]:
    """Calls ``run`` in a thread; the process waits for it before it ends. ``result`` raises what ``run`` raises."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autopack-ahead")
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)
