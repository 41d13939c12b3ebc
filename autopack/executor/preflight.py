"""Before anything is bought every command of the plan is tried on the base: one that cannot be started stops the run there."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from autopack.checks.check import Ground
from autopack.checks.derive_ready import judge_derive
from autopack.checks.place import Place
from autopack.checks.preflight import Around, preflight
from autopack.checks.unusable import BaseFacts
from autopack.core.events import EventName
from autopack.core.plan import Checks, DeriveStep, PhaseSpec
from autopack.core.states import PhaseState
from autopack.executor.command_place import environment_for, place_for, told_while
from autopack.executor.ground import HeldTree, ground_for, tree_of
from autopack.executor.workbench import Workbench
from autopack.store.queries import has_calls
from autopack.worktree.base_tree import BaseTree


def try_commands(bench: Workbench) -> None:
    """At the start of a run, and once more for a changed plan; what is not green on the base is said as events.

    Raises:
        EnvironmentBlockedError: a command cannot be started, or a variable that it is to be given is not set.
    """
    run = bench.state.runs.find(bench.run_id)
    if run is None or not _is_due(bench, run.plan_revision):
        return
    held = HeldTree(bench)
    done = frozenset(row.phase_id for row in bench.state.phases.all() if row.state == PhaseState.COMPLETE)
    for step in bench.plan.workspace.setup:
        environment_for(bench, "-", env_from=step.env_from)

    def ground_of(name: str, checks: Checks) -> Ground:
        return ground_for(bench, f"{name}-0", checks, held)

    def during(name: str, command: str) -> AbstractContextManager[None]:
        return told_while(bench, f"{name}, on the base", command)

    base = bench.tree(run.base_commit)
    for note in preflight(
        bench.plan, tree_of(bench, run.base_commit), ground_of, done, Around(facts_of(base, bench.work_tree.place), during)
    ):
        bench.tell(EventName.PREFLIGHT, message=f"{note.phase}: {note.sentence}", status=note.status.value)
    _try_derive(bench, run.base_commit, held, done)
    bench.tell(EventName.COMMANDS_TRIED, revision=run.plan_revision)


def facts_of(base: BaseTree, root: Path) -> BaseFacts:
    """What the base holds, looked up in the work tree at ``root`` when it is asked for."""

    def empty() -> tuple[str, ...]:
        return tuple(path for path in base.submodules if not (root / path).is_dir() or not any((root / path).iterdir()))

    return BaseFacts(base.entries.keys(), empty)


def _is_due(bench: Workbench, revision: int) -> bool:
    """Until something was bought a start looks again: the machine may have changed."""
    told = bench.state.events.named(bench.run_id, EventName.COMMANDS_TRIED)
    return all(event.data["revision"] != revision for event in told) or not has_calls(bench.state.database, bench.run_id)


def _try_derive(bench: Workbench, base: str, held: HeldTree, done: frozenset[str]) -> None:
    if not any(phase.derive for phase in bench.plan.phases):
        return
    with held.at(base) as root:

        def place_of(phase: PhaseSpec, step: DeriveStep) -> Place:
            environment = environment_for(bench, phase.id, env_from=step.env_from)
            return replace(place_for(bench, f"{phase.id}-0", environment, network=step.network), root=root)

        judge_derive(bench.plan, done, place_of)
