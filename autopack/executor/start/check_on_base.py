"""``plan check --run-checks``: every command of a plan once on the base, without a run."""

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
from autopack.checks.sandbox.sandbox import Sandbox
from autopack.core.checking import StepReport
from autopack.core.plan import Checks, DeriveStep, Plan, SetupStep
from autopack.executor.commands.command_site import alone
from autopack.executor.commands.preflight import facts_of
from autopack.executor.commands.sandbox_setup import filters_inside, sandbox_for
from autopack.executor.commands.set_up import SUBMODULES
from autopack.executor.project_state import PLAN_CHECK, ProjectState, records_folder
from autopack.executor.start.make_context import HOME, folder_of
from autopack.executor.start.run_inputs import RunInputs, run_inputs_of
from autopack.store.baselines import Baselines as StoredBaselines
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.link import link
from autopack.worktree.removing import remove_tree
from autopack.worktree.submodules import fill_submodules, find_submodules
from autopack.worktree.work_tree import WorkTree

During = Callable[[str, str], AbstractContextManager[None]]
"""Entered with a phase, ``final`` or ``set-up`` and its command while that runs."""


def check_on_base(project: ProjectState, plan: Plan, now: float, during: During) -> tuple[Note, ...]:
    """What is not green on the plan's base; a later run reuses what is learned here. Derive steps are looked up, not run.

    Raises:
        EnvironmentBlockedError: the project cannot be set up, or a command cannot be started.
    """
    base = project.repository.resolve(plan.base) if plan.base else project.repository.head()[0]
    inputs = run_inputs_of(project, plan)
    folder = folder_of(project, inputs.settings, f"plan-check-{os.getpid()}")
    linked = tuple(item.path for item in plan.workspace.link)
    work_tree = WorkTree.registered(project.repository, folder / "1", base, linked=linked)
    try:
        (folder / HOME).mkdir(exist_ok=True)
        sandbox = sandbox_for(project, plan, inputs.settings, work_tree, folder / "out")
        work_tree = replace(work_tree, home=folder / HOME, run_inside=filters_inside(sandbox, project, inputs.settings))
        work_tree.reset(base)
        make_home(folder / HOME, project.environment)
        link(project.repository, work_tree.place, plan.workspace.link, has_sandbox=sandbox.program is not None)
        commands = _Commands(project, inputs, folder, work_tree, sandbox)
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
    """Where the commands run: as in a run, but with no run to tell of."""

    def __init__(self, project: ProjectState, inputs: RunInputs, folder: Path, work_tree: WorkTree, sandbox: Sandbox) -> None:
        settings = inputs.settings
        self._home, self._out = folder / HOME, folder / "out"
        self._around = EnvironmentSources(project.environment, "plan-check", project.key_variables, settings.checks.env_keep, self._home)
        self._limits = settings.checks
        self._redactor = inputs.redactor
        self._sandbox = sandbox
        self._work_tree = work_tree
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
        self._out.mkdir(parents=True, exist_ok=True)
        prefix = self._sandbox.prefix(self._work_tree.place, self._out, self._home, network=network)
        return CommandContext(self._work_tree.place, self._out, environment, self._limits, redact=self._redactor.redact, prefix=prefix)

    @contextmanager
    def _at(self, commit: str) -> Iterator[Path]:
        self._work_tree.reset(commit)
        self._commit = commit
        yield self._work_tree.place

    @contextmanager
    def _fresh(self) -> Iterator[None]:
        with alone(self._out):
            self._work_tree.reset(self._commit)
            yield
            self._work_tree.settle()
