"""The checks of the whole branch, once every phase has landed."""

from autopack.checks.check import check_candidate
from autopack.core.checking import CheckStatus
from autopack.core.events import EventName
from autopack.core.plan import Checks
from autopack.executor.ground import HeldTree, ground_for, tree_of
from autopack.executor.workbench import Workbench


def final_failure(bench: Workbench) -> str | None:
    """Why the run is not complete although its phases are; None where the final checks are green or there are none."""
    steps = bench.plan.final.steps
    if not steps:
        return None
    head = bench.branch.head()
    if head is None:
        return f"the branch {bench.branch.branch} is gone, so its final checks cannot run."
    checks = Checks(steps=steps)
    report = check_candidate(tree_of(bench, head), None, checks, ground_for(bench, "final-0", checks, HeldTree(bench)))
    bench.tell(EventName.FINAL_CHECKS, status=report.status.value, passed=report.passed, failed=report.failed, message=report.message)
    return None if report.status is CheckStatus.GREEN else f"the final checks are red: {report.message}"
