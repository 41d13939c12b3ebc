"""Takes a phase from its description to a commit on the branch, in one straight line.

Resuming an attempt is running ``attempt_phase`` again: every step looks up its recorded result before it does anything.
"""

import re
from functools import partial
from typing import Final

from autopack.core.candidate import Candidate, Committed
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import PhaseSpec
from autopack.core.reviewing import GateOutcome
from autopack.core.scope import Scope
from autopack.executor.attempt.build_candidate import build_candidate
from autopack.executor.attempt.check_phase import check_phase
from autopack.executor.attempt.land import land, overridden, signed
from autopack.executor.attempt.review_phase import Checked, Quality, audit_phase, decide, patch_of
from autopack.executor.attempt.ruling import taught_by_landing
from autopack.executor.attempt.steps import Lap, Steps
from autopack.executor.run_context import RunContext
from autopack.store.attempts import AttemptKey
from autopack.worktree.git import GitError
from autopack.worktree.whole import may_be_pruned

_PRUNED_MAX: Final = 10
"""An attempt starts over from its recorded steps at most so often, after a ``git gc`` removed objects that no ref named yet."""

_MISSED: Final = re.compile(
    r"is not in the repository|No such file or directory|bad object|not found|nonexistent object|unable to read|missing"
)


def attempt_phase(ctx: RunContext, phase: PhaseSpec, key: AttemptKey) -> Committed | None:
    """The commit on the run's branch, or None where the phase now waits for a person.

    Raises:
        AttemptFailed: the attempt ended without a commit; its message is the next attempt's feedback.
        ScopeGranted: it ended because the builder was given more paths.
        StopRequested, BudgetSpentError, ProviderBlockedError, EnvironmentBlockedError: the run ends, resumable.
    """
    for _ in range(_PRUNED_MAX):
        try:
            return _attempt(ctx, phase, key)
        except (GitError, EnvironmentBlockedError) as error:
            if not may_be_pruned(error):
                raise
            last = error
    if not _MISSED.search(f"{last} {last.__cause__ or ''}"):
        raise last
    raise EnvironmentBlockedError(
        f"git's store loses what Autopack has just put there, again and again ({last}). "
        "Something prunes it all the time (git gc --prune=now, git prune): end that, then resume."
    ) from last


def _attempt(ctx: RunContext, phase: PhaseSpec, key: AttemptKey) -> Committed | None:
    site = ctx.site
    step = Steps.of(ctx.state.phases, key, ctx.stop)
    candidate, lap = build_candidate(ctx, phase, step), Lap(1)
    while True:
        patch = patch_of(site.repository, candidate)
        report = check_phase(site, phase, step, lap, candidate)
        verdict = audit_phase(ctx, phase, step, lap, Checked(candidate, report, patch))
        quality = Quality(ctx.settings.quality, patch, Scope(ctx.plan.phase(phase.id).scope.paths))
        decision = decide(phase, step, lap, report, verdict, quality=quality)
        if decision.outcome is GateOutcome.HOLD:
            return None
        candidate = signed(site.repository, ctx.settings, step, lap, overridden(site.repository, step, lap, candidate))
        landed = land(site, step, lap, candidate, partial(taught_by_landing, site, phase, key, candidate, patch))
        if not isinstance(landed, Candidate):
            return landed
        candidate, lap = landed, lap.next()
