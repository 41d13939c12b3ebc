"""Runs the project's own checks on a candidate, and records their report, red or green."""

from dataclasses import replace

from autopack.checks.commands.check import check_candidate
from autopack.core.candidate import Candidate
from autopack.core.checking import CheckReport, CheckStatus
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.step_names import StepName
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.added_tests import added_red
from autopack.executor.attempt.flaky_tests import judge_flaky
from autopack.executor.attempt.run_tests_over import CheckedCandidate
from autopack.executor.attempt.steps import Lap, Recording, Steps
from autopack.executor.attempt.weakened_tests import find_weakened_tests
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from autopack.executor.run_context import WorkSite
from autopack.store.flaky import flaky_ids
from autopack.store.phase_changes import PhaseChange


class Checked(PhaseChange):
    """What the log says of a report."""

    status: CheckStatus
    passed: int
    failed: int
    newly_failed: int
    flaky: int
    seconds: float


def check_phase(site: WorkSite, phase: PhaseSpec, step: Steps, lap: Lap, candidate: Candidate) -> CheckReport:
    """The report of a green check. Raises AttemptFailed for the next attempt where it is red, or green only by weakened tests."""
    report = step(lap.name(StepName.CHECK), CheckReport, lambda: _check(site, phase, step, lap, candidate), _recorded)
    if report.status is CheckStatus.RED:
        raise AttemptFailed(report.failure or FailureKind.CHECKS_RED, report.message, report.evidence)
    find_weakened_tests(site, phase, step, lap, CheckedCandidate(candidate, report))
    return report


def _check(site: WorkSite, phase: PhaseSpec, step: Steps, lap: Lap, candidate: Candidate) -> CheckReport:
    held = CheckedTree(site, phase.scope.paths, candidate)
    name = f"{phase.id}-{lap.of_attempt(step.key.number)}"
    known = flaky_ids(site.state.database, site.plan.project)
    at = replace(check_site_for(site, name, phase.ci, held, added_red(site.plan, site.state)), known_flaky=known)
    report = check_candidate(tree_of(site.tree, candidate.commit), tree_of(site.tree, candidate.parent), phase.ci, at)
    report = judge_flaky(site.tree, candidate, report, known)
    if report.written:
        site.log.tell(
            EventName.CHECK_WROTE,
            phase.id,
            step.key.number,
            files=list(report.written[:50]),
            message="a check wrote files; they are not committed",
        )
    if report.flaky:
        site.log.tell(EventName.FLAKY, phase.id, step.key.number, tests=list(report.flaky[:50]))
    return report


def _recorded(report: CheckReport) -> Recording:
    checked = Checked(
        status=report.status,
        passed=report.passed,
        failed=report.failed,
        newly_failed=len(report.newly_failed),
        flaky=len(report.flaky),
        seconds=round(sum(step.duration_s for step in report.steps), 2),
        came_and_went=report.flaky if report.failure is not FailureKind.TESTS_WEAKENED else (),
    )
    return Recording(None if report.status is CheckStatus.RED else PhaseEvent.CHECKED, checked)
