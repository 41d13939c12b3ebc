"""Where commands of the plan run: the work tree, a scratch folder beside it, a log, the journal of children."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from autopack.checks.command import Child, Watch
from autopack.checks.environment import Surroundings, build_environment
from autopack.checks.place import Place
from autopack.core.events import Event, EventName
from autopack.executor.workbench import Workbench
from autopack.settings.key_variables import key_variables
from autopack.worktree.removing import remove_tree


def place_for(bench: Workbench, name: str, environment: Mapping[str, str], *, network: bool) -> Place:
    """``name`` is ``<phase>-<attempt>``: the log's name below ``<records>/ci``."""
    bench.scratch.mkdir(parents=True, exist_ok=True)
    return Place(
        root=bench.work_tree.place,
        out=bench.scratch,
        environment=environment,
        limits=bench.settings.checks,
        watch=watch_of(bench),
        redact=bench.redactor.redact,
        log=bench.records / "ci" / f"{name}.log",
        prefix=bench.sandbox.prefix(*bench.writable, network=network),
        fresh=lambda: alone(bench.scratch),
    )


@contextmanager
def alone(scratch: Path) -> Iterator[None]:
    """What a command wrote beside its own folder is neither there before nor after it."""
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


def environment_for(bench: Workbench, phase: str, env: Mapping[str, str] | None = None, env_from: tuple[str, ...] = ()) -> dict[str, str]:
    return build_environment(surroundings_of(bench), phase=phase, env=env, env_from=env_from)


def surroundings_of(bench: Workbench) -> Surroundings:
    settings = bench.settings
    return Surroundings(bench.environment, bench.run_id, key_variables(settings), settings.checks.env_keep, bench.home)


@contextmanager
def told_while(bench: Workbench, where: str, command: str) -> Iterator[None]:
    """Whoever watches sees which command is running before the first phase, and since when; nothing of it is stored."""
    began = bench.clock.now()
    what = bench.redactor.redact(f"{where}: {command}")
    bench.observe(Event(run_id=bench.run_id, event=EventName.COMMAND_STARTED, time=began, data={"message": what}))
    try:
        yield
    finally:
        ended = bench.clock.now()
        took = {"message": f"{what} ended after {ended - began:.0f} s", "seconds": round(ended - began, 2)}
        bench.observe(Event(run_id=bench.run_id, event=EventName.COMMAND_ENDED, time=ended, data=took))


def watch_of(bench: Workbench) -> Watch:
    """Children are journaled, so that a later start can end what a dead one left."""

    def started(child: Child) -> None:
        bench.state.owners.started(child.pid, child.started, child.boot_id)

    return Watch(on_start=started, on_end=lambda child: bench.state.owners.ended(child.pid))
