"""Makes and tries the sandbox for the commands of a run. Refuses to run without one where it is required."""

import os
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.processes.command import CommandSpec, EndKind
from autopack.checks.processes.process import run_command
from autopack.checks.sandbox.sandbox import Sandbox, SandboxPaths, make_sandbox, proven
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import Command, Plan
from autopack.core.settings import Settings
from autopack.executor.project_state import ProjectState
from autopack.worktree.git import FIXED
from autopack.worktree.scratch import RunInside
from autopack.worktree.work_tree import WorkTree

FILTERS_S: Final = 1800.0


def sandbox_for(project: ProjectState, plan: Plan, settings: Settings, work_tree: WorkTree, out: Path) -> Sandbox:
    """Raises EnvironmentBlockedError where ``sandbox: required`` cannot be met."""
    if settings.sandbox == "off":
        return Sandbox(reason="switched off by the configuration")
    top, common_dir = project.repository.top, project.repository.common_dir
    environment = build_environment(EnvironmentSources(project.environment, "-", project.key_variables, settings.checks.env_keep, out))
    home = _home(project.environment)
    linked = tuple(top / item.path.strip("/") for item in plan.workspace.link)
    opened = tuple(home / path.removeprefix("~").lstrip("/") if path.startswith("~") else Path(path) for path in settings.sandbox_read)
    paths = SandboxPaths(home, top, common_dir, common_dir / "autopack", linked, tuple(path for path in opened if path.is_absolute()))
    shown = {**project.environment, "PATH": os.pathsep.join((environment.get("PATH", ""), *_named_folders(plan)))}
    found = proven(make_sandbox(paths, shown), paths, work_tree.place, out, environment)
    if found.program is None and settings.sandbox == "required":
        raise EnvironmentBlockedError(
            f"The configuration requires a sandbox (sandbox: required), but {found.reason}. Install bubblewrap, or allow none."
        )
    return found


def filters_inside(sandbox: Sandbox, project: ProjectState, settings: Settings) -> RunInside | None:
    """Runs filters of the user's git in the sandbox, where the one folder that they are given can be written; None without one."""
    if sandbox.program is None:
        return None
    environment = build_environment(EnvironmentSources(project.environment, "-", project.key_variables, settings.checks.env_keep))

    def run(words: Sequence[str], extra: Mapping[str, str], folder: Path) -> str | None:
        prefix = sandbox.prefix(folder, folder, network=False)
        spec = CommandSpec(tuple(words), folder, {**environment, **FIXED, **extra}, FILTERS_S, limits=settings.checks, prefix=prefix)
        end = run_command(spec)
        if end.kind is EndKind.EXITED and end.exit_code == 0:
            return None
        return " ".join((end.output.strip() or end.detail or f"exit code {end.exit_code}").split())[-500:]

    return run


def _home(environment: Mapping[str, str]) -> Path:
    """The user's home, also where the shell does not set HOME."""
    named = Path(environment.get("HOME", ""))
    return named if named.is_absolute() else Path(pwd.getpwuid(os.getuid()).pw_dir)


def _named_folders(plan: Plan) -> tuple[str, ...]:
    """The folders of programs that commands name by their whole path; the sandbox shows them like those on PATH."""
    commands: list[Command] = [step.command for step in plan.workspace.setup]
    commands += [step.command for step in plan.final.steps]
    for phase in plan.phases:
        commands += [step.command for step in phase.ci.steps]
        commands += [step.command for step in phase.derive]
    words = [next(iter(command.split(maxsplit=1) if isinstance(command, str) else command), "") for command in commands]
    return tuple(dict.fromkeys(str(Path(word).parent) for word in words if Path(word).is_absolute()))
