"""Runs every command of a plan once on the base, without a run: ``plan check --run-checks``."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from autopack.checks.commands.baseline import BaselineKey, Baselines
from autopack.checks.commands.check import CheckSite, Tree
from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.derive_ready import judge_derive
from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.commands.home import make_home
from autopack.checks.commands.preflight import Around, Note, preflight
from autopack.checks.commands.setup import SetupSite, set_up
from autopack.core.checking import StepReport
from autopack.core.plan import Checks, DeriveStep, Plan, SetupStep
from autopack.executor.commands.command_site import alone
from autopack.executor.commands.open_slot import open_slot, registered
from autopack.executor.commands.preflight import facts_of
from autopack.executor.commands.set_up import SUBMODULES
from autopack.executor.project_state import PLAN_CHECK, ProjectState, records_folder
from autopack.executor.slot import Slot, SlotFolders
from autopack.executor.start.make_context import folder_of
from autopack.executor.start.run_inputs import RunInputs, run_inputs_of
from autopack.store.baselines import Baselines as StoredBaselines
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.link import link
from autopack.worktree.removing import remove_tree
from autopack.worktree.submodules import fill_submodules, find_submodules

During = Callable[[str, str], AbstractContextManager[None]]
"""Entered with a phase, ``final`` or ``set-up`` and its command while that runs."""


def check_on_base(project: ProjectState, plan: Plan, now: float, during: During) -> tuple[Note, ...]:
    """What is not green on the plan's base; a later run reuses the results. Looks derive steps up without running them.

    Raises:
        EnvironmentBlockedError: the project cannot be set up, or a command cannot be started.
    """
    base = project.repository.resolve(plan.base) if plan.base else project.repository.head()[0]
    inputs = run_inputs_of(project, plan)
    folder = folder_of(project, inputs.settings, f"plan-check-{os.getpid()}")
    folders = SlotFolders(folder)
    work_tree = registered(project.repository, plan, folders, base)
    try:
        slot = open_slot(project, work_tree, folders, plan, inputs.settings)
        work_tree = slot.work_tree
        work_tree.reset(base)
        make_home(slot.home, project.environment)
        link(project.repository, work_tree.place, plan.workspace.link, has_sandbox=slot.sandbox.program is not None)
        commands = _Commands(project, inputs, slot)
        tree = BaseTree(project.repository.git, base)
        if plan.workspace.submodules:
            found = find_submodules(tree, project.repository.common_dir / "modules")
            fill_submodules(found, work_tree.place, work_tree.notes / SUBMODULES)
        paths = tuple(tree.entries)
        site = SetupSite(commands.of_setup, paths, lambda _: None, lambda *_: None, during=lambda command: during("set-up", command))
        set_up(plan.workspace.setup, site)
        work_tree.keep({})
        judge_derive(plan, frozenset(), lambda _, step: commands.of_derive(step))
        stored = StoredBaselines(project.database, lambda: now)
        around = Around(facts_of(tree, work_tree.place), lambda name, command: during(f"{name}, on the base", command))
        return preflight(plan, Tree(base, tree.tree), lambda name, checks: commands.site(name, checks, stored), around=around)
    finally:
        work_tree.remove()
        with suppress(OSError):
            remove_tree(folder)


class _Commands:
    """Where the commands run: as in a run, but no run is recorded."""

    def __init__(self, project: ProjectState, inputs: RunInputs, slot: Slot) -> None:
        settings = inputs.settings
        self._slot = slot
        self._around = EnvironmentSources(project.environment, "plan-check", project.key_variables, settings.checks.env_keep, slot.home)
        self._limits = settings.checks
        self._redactor = inputs.redactor
        self._logs = records_folder(project.records, PLAN_CHECK) / "ci"
        for log in self._logs.glob("*.log"):
            log.unlink(missing_ok=True)
        self._commit = ""

    def of_setup(self, step: SetupStep) -> CommandContext:
        return self._context(build_environment(self._around, env_from=step.env_from), network=step.network)

    def of_derive(self, step: DeriveStep) -> CommandContext:
        return self._context(build_environment(self._around, env_from=step.env_from), network=step.network)

    def site(self, name: str, checks: Checks, stored: StoredBaselines) -> CheckSite:
        environment = build_environment(self._around, env=checks.env, env_from=checks.env_from)
        context = replace(self._context(environment, network=checks.network), log=self._logs / f"{name}-0.log")

        def remember(key: BaselineKey, report: StepReport) -> None:
            stored.put(key.tree, key.command_sha256, key.environment_sha256, report)

        baselines = Baselines(lambda key: stored.get(key.tree, key.command_sha256, key.environment_sha256), remember, context.environment)
        return CheckSite(replace(context, fresh=self._fresh), self._at, baselines)

    def _context(self, environment: dict[str, str], *, network: bool) -> CommandContext:
        self._slot.scratch.mkdir(parents=True, exist_ok=True)
        prefix = self._slot.prefix(network=network)
        return CommandContext(
            self._slot.work_tree.place, self._slot.scratch, environment, self._limits, redact=self._redactor.redact, prefix=prefix
        )

    @contextmanager
    def _at(self, commit: str) -> Iterator[Path]:
        self._slot.work_tree.reset(commit)
        self._commit = commit
        yield self._slot.work_tree.place

    @contextmanager
    def _fresh(self) -> Iterator[None]:
        with alone(self._slot.scratch):
            self._slot.work_tree.reset(self._commit)
            yield
            self._slot.work_tree.settle()
