"""Prepares where commands of the plan run: the work tree, a scratch folder beside it, a log, the journal of child processes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.processes.command import Child, Watch
from autopack.core.events import EventName
from autopack.executor.run_context import RunLog, State, WorkSite
from autopack.settings.key_variables import key_variables
from autopack.worktree.removing import remove_tree


def command_context_for(site: WorkSite, name: str, environment: Mapping[str, str], *, network: bool) -> CommandContext:
    """``name`` is ``<phase>-<attempt>``: the log's name below ``<records>/ci``."""
    site.slot.scratch.mkdir(parents=True, exist_ok=True)
    return CommandContext(
        root=site.slot.work_tree.place,
        out=site.slot.scratch,
        environment=environment,
        limits=site.settings.checks,
        watch=watch_of(site.state),
        redact=site.log.redactor.redact,
        log=site.state.records / "ci" / f"{name}.log",
        prefix=site.slot.prefix(network=network),
        fresh=lambda: alone(site.slot.scratch),
    )


@contextmanager
def alone(scratch: Path) -> Iterator[None]:
    """Empties the scratch folder before and after the command."""
    _empty(scratch)
    try:
        yield
    finally:
        _empty(scratch)


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for left in tuple(folder.iterdir()):
        with suppress(FileNotFoundError):
            remove_tree(left)


def environment_for(site: WorkSite, phase: str, env: Mapping[str, str] | None = None, env_from: tuple[str, ...] = ()) -> dict[str, str]:
    return build_environment(environment_sources_of(site), phase=phase, env=env, env_from=env_from)


def environment_sources_of(site: WorkSite) -> EnvironmentSources:
    settings = site.settings
    return EnvironmentSources(site.environment, site.state.run_id, key_variables(settings), settings.checks.env_keep, site.slot.home)


@contextmanager
def told_while(log: RunLog, where: str, command: str) -> Iterator[None]:
    """Shows which command is running before the first phase, and since when; stores nothing."""
    began = log.clock.now()
    what = log.redactor.redact(f"{where}: {command}")
    log.show(EventName.COMMAND_STARTED, message=what)
    try:
        yield
    finally:
        seconds = log.clock.now() - began
        log.show(EventName.COMMAND_ENDED, message=f"{what} ended after {seconds:.0f} s", seconds=round(seconds, 2))


def watch_of(state: State) -> Watch:
    """Journals child processes, so that the next start can end orphans."""

    def started(child: Child) -> None:
        state.owners.started(child.pid, child.started, child.boot_id)

    return Watch(on_start=started, on_end=lambda child: state.owners.ended(child.pid))
