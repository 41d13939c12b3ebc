"""Prepares where commands of the plan run: the work tree, a scratch folder beside it, a log, the journal of child processes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.processes.command import Child, Watch
from autopack.core.events import Event, EventName
from autopack.executor.run_context import RunContext, State
from autopack.settings.key_variables import key_variables
from autopack.worktree.removing import remove_tree


def command_context_for(ctx: RunContext, name: str, environment: Mapping[str, str], *, network: bool) -> CommandContext:
    """``name`` is ``<phase>-<attempt>``: the log's name below ``<records>/ci``."""
    ctx.slot.scratch.mkdir(parents=True, exist_ok=True)
    return CommandContext(
        root=ctx.slot.work_tree.place,
        out=ctx.slot.scratch,
        environment=environment,
        limits=ctx.settings.checks,
        watch=watch_of(ctx.state),
        redact=ctx.redactor.redact,
        log=ctx.records / "ci" / f"{name}.log",
        prefix=ctx.slot.prefix(network=network),
        fresh=lambda: alone(ctx.slot.scratch),
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


def environment_for(ctx: RunContext, phase: str, env: Mapping[str, str] | None = None, env_from: tuple[str, ...] = ()) -> dict[str, str]:
    return build_environment(environment_sources_of(ctx), phase=phase, env=env, env_from=env_from)


def environment_sources_of(ctx: RunContext) -> EnvironmentSources:
    settings = ctx.settings
    return EnvironmentSources(ctx.environment, ctx.run_id, key_variables(settings), settings.checks.env_keep, ctx.slot.home)


@contextmanager
def told_while(ctx: RunContext, where: str, command: str) -> Iterator[None]:
    """Shows which command is running before the first phase, and since when; stores nothing."""
    began = ctx.clock.now()
    what = ctx.redactor.redact(f"{where}: {command}")
    ctx.observe(Event(run_id=ctx.run_id, event=EventName.COMMAND_STARTED, time=began, data={"message": what}))
    try:
        yield
    finally:
        ended = ctx.clock.now()
        took = {"message": f"{what} ended after {ended - began:.0f} s", "seconds": round(ended - began, 2)}
        ctx.observe(Event(run_id=ctx.run_id, event=EventName.COMMAND_ENDED, time=ended, data=took))


def watch_of(state: State) -> Watch:
    """Journals child processes, so that the next start can end orphans."""

    def started(child: Child) -> None:
        state.owners.started(child.pid, child.started, child.boot_id)

    return Watch(on_start=started, on_end=lambda child: state.owners.ended(child.pid))
