"""Tries every command of the plan on the base before anything is bought. A command that cannot be started stops the run."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from autopack.checks.commands.check import CheckSite
from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.derive_ready import judge_derive
from autopack.checks.commands.preflight import Around, preflight
from autopack.checks.commands.unusable import BaseFacts
from autopack.core.events import EventName
from autopack.core.plan import Checks, DeriveStep, PhaseSpec
from autopack.core.states import PhaseState
from autopack.executor.commands.check_site import CheckedTree, check_site_for, tree_of
from autopack.executor.commands.command_site import command_context_for, environment_for, told_while
from autopack.executor.run_context import State, WorkSite
from autopack.store.queries import has_calls
from autopack.store.tables import PhaseRow, RunRow
from autopack.worktree.base_tree import BaseTree


def try_commands(site: WorkSite, run: RunRow, phases: Sequence[PhaseRow]) -> None:
    """Runs at the start of a run, and again for a changed plan. Tells as events what is not green on the base.

    Raises:
        EnvironmentBlockedError: a command cannot be started, or a variable that it is to be given is not set.
    """
    if not _is_due(site.state, run.plan_revision):
        return
    held = CheckedTree(site)
    done = frozenset(row.phase_id for row in phases if row.state == PhaseState.COMPLETE)
    for step in site.plan.workspace.setup:
        environment_for(site, "-", env_from=step.env_from)

    def site_of(name: str, checks: Checks) -> CheckSite:
        return check_site_for(site, f"{name}-0", checks, held)

    def during(name: str, command: str) -> AbstractContextManager[None]:
        return told_while(site.log, f"{name}, on the base", command)

    base = site.tree(run.base_commit)
    around = Around(facts_of(base, site.slot.work_tree.place), during)
    for note in preflight(site.plan, tree_of(site.tree, run.base_commit), site_of, done, around):
        site.log.tell(EventName.PREFLIGHT, message=f"{note.phase}: {note.sentence}", status=note.status.value)
    _try_derive(site, run.base_commit, held, done)
    site.log.tell(EventName.COMMANDS_TRIED, revision=run.plan_revision)


def facts_of(base: BaseTree, root: Path) -> BaseFacts:
    """What the base holds; looks at the work tree at ``root`` when asked."""

    def empty() -> tuple[str, ...]:
        return tuple(path for path in base.submodules if not (root / path).is_dir() or not any((root / path).iterdir()))

    return BaseFacts(base.entries.keys(), empty)


def _is_due(state: State, revision: int) -> bool:
    """Whether to try the commands: for a new revision of the plan, and until something is bought, since the machine may change."""
    told = state.events.named(state.run_id, EventName.COMMANDS_TRIED)
    return all(event.data["revision"] != revision for event in told) or not has_calls(state.database, state.run_id)


def _try_derive(site: WorkSite, base: str, held: CheckedTree, done: frozenset[str]) -> None:
    if not any(phase.derive for phase in site.plan.phases):
        return
    with held.at(base) as root:

        def context_of(phase: PhaseSpec, step: DeriveStep) -> CommandContext:
            environment = environment_for(site, phase.id, env_from=step.env_from)
            return replace(command_context_for(site, f"{phase.id}-0", environment, network=step.network), root=root)

        judge_derive(site.plan, done, context_of)
