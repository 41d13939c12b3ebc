"""Carries out a person's verbs on a run, from any process: what they may do to which phase, and what leads on."""

from collections.abc import Callable
from dataclasses import dataclass

from autopack.core.approval import Approval
from autopack.core.candidate import Candidate
from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.plan import Plan
from autopack.core.states import Hold, PhaseState
from autopack.core.terms import Terms
from autopack.executor.attempt.machine_risks import machine_risks
from autopack.executor.lock import is_alive
from autopack.executor.project_state import ProjectState, pinned_plan
from autopack.store.attempts import attempts_of
from autopack.store.phase_rows import phases_of
from autopack.store.steering import Steering, Wishes
from autopack.store.tables import PhaseRow, RunRow
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.rebase import own_changes
from autopack.worktree.run_branch import RunBranch

RETRIED = frozenset({PhaseState.HELD, PhaseState.FAILED, PhaseState.SKIPPED, PhaseState.ROLLED_BACK})


@dataclass(frozen=True)
class RunControl:
    """One run as a person steers it; ``terms`` where that is done from afar."""

    project: ProjectState
    run: RunRow
    plan: Plan
    now: Callable[[], float]
    terms: Terms | None = None

    @classmethod
    def of(cls, project: ProjectState, run_id: str, now: Callable[[], float], terms: Terms | None = None) -> "RunControl":
        run = project.run(run_id)
        return cls(project, run, pinned_plan(project, run), now, terms)

    @property
    def steering(self) -> Steering:
        return Steering(self.project.database, self.project.events, self.run.run_id, self.now, self.terms)

    @property
    def is_worked_on(self) -> bool:
        """Whether a process works on the run; it sees the change by itself."""
        return is_alive(self.project.locks, self.run.run_id)

    def phase(self, phase_id: str) -> PhaseRow:
        return self.project.phase(self.run.run_id, phase_id)

    def held(self, phase_id: str) -> PhaseRow:
        row = self.phase(phase_id)
        if row.state != PhaseState.HELD:
            raise UsageError(f"phase '{phase_id}' is {row.state}, not held.", next_command=f"autopack show {self.run.run_id} {phase_id}")
        return row


def approve(helm: RunControl, phase_id: str, approval: Approval) -> str:
    """Lets a phase that is held for review land. Overrules the auditor only if ``override`` says so."""
    row = helm.held(phase_id)
    if row.held != Hold.REVIEW:
        raise UsageError(
            f"phase '{phase_id}' is held with a question, not for review: there is no green candidate to approve. "
            "Answer it with retry, adopt or skip.",
            next_command=f'autopack retry {helm.run.run_id} {phase_id} --note "..."',
        )
    last = attempts_of(helm.project.database, helm.run.run_id, phase_id)[-1]
    if last.only_auditor_against and approval.override != "audit":
        raise UsageError(
            f"the auditor is against phase '{phase_id}': look at it, then approve with --override audit.",
            next_command=f"autopack show {helm.run.run_id} {phase_id}",
        )
    helm.steering.approve(phase_id, approval)
    return f"phase '{phase_id}' is approved."


def reject(helm: RunControl, phase_id: str, note: str) -> str:
    """Sends the phase back to the builder with the note, if attempts are left."""
    row = helm.held(phase_id)
    if row.held != Hold.REVIEW:
        raise UsageError(f"phase '{phase_id}' is held with a question; answer it with retry, adopt or skip.")
    helm.steering.reject(phase_id, note or "No reason was given.")
    return f"phase '{phase_id}' is rejected; its next attempt is told why."


def retry(helm: RunControl, phase_id: str, wishes: Wishes) -> str:
    """Gives fresh attempts to a held or lost phase, and to phases that were skipped because of it or rolled back with it."""
    row = helm.phase(phase_id)
    if row.state not in RETRIED:
        raise UsageError(f"phase '{phase_id}' is {row.state}; only a held, failed, skipped or rolled-back phase is retried.")
    if wishes.model is not None:
        _judge_model(helm.project, wishes.model)
    queued = helm.steering.retry(phase_id, wishes, dependents_of(helm.plan, phase_id))
    return f"queued: {', '.join(queued)}."


def _judge_model(project: ProjectState, name: str) -> None:
    from autopack.llm.calls.routing import judge_override
    from autopack.settings.effective import load_settings

    judge_override(load_settings(project.repository.top, project.environment).settings.models, name)


def skip(helm: RunControl, phase_id: str, note: str) -> str:
    """Skips the phase, and every phase that depends on it."""
    helm.held(phase_id)
    helm.steering.skip(phase_id, note)
    return f"phase '{phase_id}' is skipped; what depends on it is skipped with it."


def adopt(helm: RunControl, phase_id: str | None, commit: str | None) -> str:
    """Takes a person's commits as the phase: they are checked and audited like a builder's, and no builder is asked."""
    row = helm.held(phase_id or _only_question(helm))
    if row.held != Hold.QUESTION:
        raise UsageError(f"phase '{row.phase_id}' is held for review; approve or reject it.")
    repository = helm.project.repository
    branch = RunBranch(repository, helm.run.run_id, helm.run.branch)
    chosen = repository.resolve(commit or helm.run.branch)
    parent = helm.run.head_commit
    head = branch.head()
    if head is not None and not branch.contains(parent):
        return _take_rewritten(helm, row, head)
    if chosen == parent:
        raise UsageError(
            f"there is nothing to adopt: {helm.run.branch} holds no commit after {parent[:10]}. Commit the work in a work tree of its own "
            "and name the commit (--commit): while the branch is checked out somewhere, no phase can land on it.",
            next_command=f"git worktree add --detach ../{helm.run.run_id}-by-hand {helm.run.branch}",
        )
    if not repository.is_ancestor(parent, chosen) or head is None:
        raise EnvironmentBlockedError(
            f"{chosen[:10]} does not contain {parent[:10]}, the run's last commit: rebase the work on {helm.run.branch} first."
        )
    number = len(attempts_of(helm.project.database, helm.run.run_id, row.phase_id)) + 1
    ref = f"refs/autopack/{helm.run.run_id}/{row.phase_id}/{number}"
    repository.git.run("update-ref", ref, chosen)
    tree = BaseTree(repository.git, chosen)
    paths = tuple(change.path for change in own_changes(repository.git, parent, chosen))
    risks = machine_risks(BaseTree(repository.git, parent), tree, paths)
    candidate = Candidate(commit=chosen, tree=tree.tree, parent=parent, ref=ref, paths=paths, risks=risks)
    helm.steering.adopt(row.phase_id, parent, candidate.model_dump_json())
    return f"{chosen[:10]} becomes phase '{row.phase_id}' once it is checked and audited.{_leave_first(helm)}"


def _leave_first(helm: RunControl) -> str:
    where = helm.project.repository.branch_checked_out_at(helm.run.branch)
    if where is None:
        return ""
    return (
        f" {helm.run.branch} is checked out in {where}: switch to another branch there first (git switch -), or no phase after it can land."
    )


def _take_rewritten(helm: RunControl, row: PhaseRow, head: str) -> str:
    """Takes a rewritten branch as it is: it no longer holds what had landed, and the person means it so."""
    helm.project.runs.change(helm.run.run_id, head_commit=head)
    helm.steering.retry(row.phase_id, Wishes(), ())
    return f"the branch {helm.run.branch} is taken as it is, at {head[:10]}; phase '{row.phase_id}' is queued."


def dependents_of(plan: Plan, phase_id: str) -> tuple[str, ...]:
    """Every phase that depends on this one, over any number of steps, in the plan's order."""
    found, known = {phase_id}, 0
    while known < len(found):
        known = len(found)
        found.update(phase.id for phase in plan.phases if found & set(phase.depends_on))
    return tuple(phase.id for phase in plan.phases if phase.id in found and phase.id != phase_id)


def _only_question(helm: RunControl) -> str:
    rows = phases_of(helm.project.database, helm.run.run_id)
    questions = [row.phase_id for row in rows if row.state == PhaseState.HELD and row.held == Hold.QUESTION]
    if len(questions) != 1:
        raise UsageError(f"name the phase: {', '.join(questions) or 'none'} wait for an answer.")
    return questions[0]
