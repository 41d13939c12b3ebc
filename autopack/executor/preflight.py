"""Every command of the plan runs once on the base before anything is bought: one that cannot be started stops the run there."""

from autopack.checks.check import Ground
from autopack.checks.preflight import Note, preflight
from autopack.core.plan import Checks
from autopack.executor.ground import HeldTree, ground_for, tree_of
from autopack.executor.workbench import Workbench


def run_checks_on_base(bench: Workbench, base: str) -> tuple[Note, ...]:
    """What is not green there, said as events. Raises EnvironmentBlockedError for a command that cannot be started."""
    held = HeldTree(bench)

    def ground_of(name: str, checks: Checks) -> Ground:
        return ground_for(bench, f"{name}-0", checks, held)

    notes = preflight(bench.plan, tree_of(bench, base), ground_of)
    for note in notes:
        bench.tell("preflight", message=f"{note.phase}: {note.sentence}", status=note.status.value)
    return notes
