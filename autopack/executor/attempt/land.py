"""Moves the branch to a candidate by compare-and-set. If the branch has moved, makes the candidate again on the new head."""

from collections.abc import Callable

from autopack.core.approval import Approval
from autopack.core.candidate import Candidate, Committed
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.core.held import HeldReason
from autopack.core.settings import Settings
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.attempt_base import tell_persons_commits
from autopack.executor.attempt.lost_objects import whole_or_again
from autopack.executor.attempt.steps import Lap, Recording, Steps
from autopack.executor.run_context import Trees, WorkSite
from autopack.store.phase_changes import LaidOn, Landed, Teaching, hold
from autopack.worktree.candidate import OVERRIDE_TRAILER
from autopack.worktree.rebase import Conflict, rebase_onto, with_trailer
from autopack.worktree.repository import Repository
from autopack.worktree.run_branch import BranchCheckedOut, HeadMoved, RunBranch
from autopack.worktree.signing import is_signing_asked_for, sign

Learned = Callable[[], Teaching]
"""Gives what is remembered of a phase that lands."""


def land(site: WorkSite, step: Steps, lap: Lap, candidate: Candidate, learned: Learned) -> Committed | Candidate | None:
    """The landed commit; or the candidate made again on a head that moved; or None where the branch is checked out somewhere."""
    laid = step.recorded(lap.name(StepName.LAY_ON), Candidate)
    if laid is not None:
        ref, onto = laid.ref, laid.parent
        return whole_or_again(
            site.repository, step, lap.name(StepName.LAY_ON), laid, lambda: rebase_onto(site.repository, candidate, onto, ref)
        )
    try:
        return step(
            StepName.COMMIT, Committed, lambda: _integrate(site.branch, site.tree, step, candidate), lambda done: _landed(done, learned())
        )
    except HeadMoved as moved:
        head = moved.actual
        if head is None:
            raise EnvironmentBlockedError(
                f"{moved} The next start makes it again at the last commit that landed.",
                next_command=f"autopack resume {site.state.run_id}",
            ) from moved
        return step(lap.name(StepName.LAY_ON), Candidate, lambda: _lay_on(site, step, lap, candidate, head), _laid)
    except BranchCheckedOut as error:
        step.phases.move(step.key.phase, PhaseEvent.HOLD, step.key.number, hold(HeldReason.CHECKED_OUT, str(error)))
        return None


def overridden(repository: Repository, step: Steps, lap: Lap, candidate: Candidate) -> Candidate:
    """The candidate, with a trailer if a person overruled the auditor."""
    approval = step.recorded(StepName.APPROVAL, Approval)
    if approval is None or approval.override is None:
        return candidate
    trailer = (OVERRIDE_TRAILER, approval.override)
    ref = f"{step.key.ref}.override" if lap.number == 1 else f"{step.key.ref}.{lap.number}.override"
    return _recorded_whole(repository, step, lap.name(StepName.OVERRIDE), lambda: with_trailer(repository, candidate, trailer, ref))


def signed(repository: Repository, settings: Settings, step: Steps, lap: Lap, candidate: Candidate) -> Candidate:
    """The candidate itself; where the user's git signs commits, the same one with the user's signature. A person's own stays as it is."""
    made = step.phases.last_attempt(step.key.phase)
    is_a_persons = made is not None and made.is_adopted and candidate.ref == step.key.ref
    if is_a_persons or not is_signing(repository, settings):
        return candidate
    return _recorded_whole(repository, step, lap.name(StepName.SIGN), lambda: sign(repository, candidate, f"{candidate.ref}.signed"))


def is_signing(repository: Repository, settings: Settings) -> bool:
    """Whether this start signs what it lands."""
    return settings.git.sign == "auto" and is_signing_asked_for(repository)


def _recorded_whole(repository: Repository, step: Steps, name: str, make: Callable[[], Candidate]) -> Candidate:
    return whole_or_again(repository, step, name, step(name, Candidate, make, lambda _: Recording()), make)


def _integrate(branch: RunBranch, tree: Trees, step: Steps, candidate: Candidate) -> Committed:
    try:
        return branch.integrate(candidate, expected_head=candidate.parent)
    except (HeadMoved, BranchCheckedOut):
        done = branch.landed(step.key.phase, step.key.number, since=step.key.parent)
        if done is None:
            raise
        return Committed(commit=done, tree=tree(done).tree, branch=branch.branch)


def _lay_on(site: WorkSite, step: Steps, lap: Lap, candidate: Candidate, head: str) -> Candidate:
    """Makes the candidate again on top of a person's commits. Refuses a branch that was rewritten: a person has to adopt it first."""
    name, parent = site.branch.branch, candidate.parent
    if not site.branch.contains(parent):
        raise AttemptFailed(FailureKind.CONFLICT, f"The branch {name} no longer holds {parent[:10]}, from which this change starts.")
    try:
        laid = rebase_onto(site.repository, candidate, head, ref=f"{step.key.ref}.{lap.number + 1}")
    except Conflict as error:
        raise AttemptFailed(FailureKind.CONFLICT, str(error)) from error
    tell_persons_commits(site.branch, site.log, site.plan.phase(step.key.phase), since=parent)
    return laid


def _landed(committed: Committed, learned: Teaching) -> Recording:
    return Recording(PhaseEvent.INTEGRATED, Landed(commit=committed.commit, learned=learned))


def _laid(candidate: Candidate) -> Recording:
    return Recording(PhaseEvent.HEAD_MOVED, LaidOn(commit=candidate.commit, parent=candidate.parent))
