"""Runs derive steps: chooses those that an edit calls for, builds their commands, judges what they wrote."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autopack.checks.commands.command_context import CommandContext, own_out
from autopack.checks.commands.step import run_logged
from autopack.checks.commands.unstartable import missing
from autopack.checks.processes.command import CommandEnd, CommandSpec, EndKind, shown
from autopack.checks.results.evidence import cut_tail
from autopack.checks.results.text import stable
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.plan import Command, DeriveStep
from autopack.core.scope import matches

CHANGED: Final = "{changed}"
_BATCH_BYTES: Final = 60_000
_TAIL: Final = 4_000


@dataclass(frozen=True)
class DeriveSite:
    """Where derive steps run.

    Args:
        place_of: the place for a step, its root the work tree with the accepted edits in it.
        written: path -> content id of everything in it that differs from the accepted edits and that git does not ignore.
        at_parent: enters the attempt's parent commit; the accepted edits need not survive it.
        begin: called before each step: removes what earlier steps left, but for what ``written`` told.
    """

    context_of: Callable[[DeriveStep], CommandContext]
    written: Callable[[], Mapping[str, str]]
    at_parent: Callable[[], AbstractContextManager[Path]]
    begin: Callable[[], None] = lambda: None


def derive(steps: Sequence[DeriveStep], accepted: Sequence[str], site: DeriveSite) -> tuple[str, ...]:
    """Runs the steps that the accepted paths call for; every path they wrote.

    Raises:
        AttemptFailed: a tool failed on the edit (``derive_failed``), or fails without it too (``environment``), or wrote elsewhere.
    """
    before = dict(site.written())
    paths: set[str] = set()
    for step in steps:
        changed = triggers(step, accepted)
        if not changed:
            continue
        site.begin()
        context = site.context_of(step)
        for command in commands(step.command, _present(context.root, changed)):
            end = _run(step, command, context)
            if not _is_green(end):
                raise _failure(step, command, end, _fails_on_parent(step, changed, site))
        after = dict(site.written())
        wrote = {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)}
        judge_writes(sorted(wrote), step, accepted)
        paths |= wrote
        before = after
    return tuple(sorted(paths))


def triggers(step: DeriveStep, accepted: Sequence[str]) -> tuple[str, ...]:
    """The accepted paths that call for the step, in order."""
    return tuple(sorted(path for path in accepted if any(matches(pattern, path) for pattern in step.when)))


def commands(command: Command, changed: Sequence[str]) -> Iterator[Command]:
    """The command with ``{changed}`` replaced by the paths, quoted for a shell or as words of a list; in batches that a system starts.

    Without ``{changed}`` it is the command itself; with it and no path left there is nothing to run.
    """
    if isinstance(command, str):
        if CHANGED not in command:
            yield command
            return
        for batch in _batches(changed):
            yield command.replace(CHANGED, " ".join(shlex.quote(path) for path in batch))
        return
    if CHANGED not in command:
        yield command
        return
    for batch in _batches(changed):
        yield tuple(item for word in command for item in (batch if word == CHANGED else (word,)))


def judge_writes(written: Sequence[str], step: DeriveStep, changed: Sequence[str]) -> None:
    """Raises AttemptFailed for the first path that the step may not write; ``changed`` are all paths of the edit."""
    for path in written:
        allowed = path in changed if step.writes == "changed" else any(matches(pattern, path) for pattern in step.writes)
        if not allowed:
            may = "the files of this edit" if step.writes == "changed" else ", ".join(step.writes)
            raise AttemptFailed(
                FailureKind.DERIVE_FAILED,
                f"derive: '{shown(step.command)}' wrote '{path}', which its 'writes' does not allow (it may write: {may}).",
                "\n".join(written[:50]),
            )


def _batches(paths: Sequence[str]) -> Iterator[tuple[str, ...]]:
    batch: list[str] = []
    size = 0
    for name in paths:
        path = f"./{name}" if name.startswith("-") else name
        size += len(path.encode("utf-8", "surrogateescape")) + 3
        if batch and size > _BATCH_BYTES:
            yield tuple(batch)
            batch, size = [], len(path) + 3
        batch.append(path)
    if batch:
        yield tuple(batch)


def _present(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if (root / path).is_file())


def _run(step: DeriveStep, command: Command, context: CommandContext) -> CommandEnd:
    with own_out(context) as out:
        environment = {**context.environment, "AUTOPACK_OUT": str(out)}
        return run_logged(
            CommandSpec(command, context.root, environment, step.timeout_s, limits=context.limits, prefix=context.prefix), context
        )


def _is_green(end: CommandEnd) -> bool:
    return end.kind is EndKind.EXITED and end.exit_code == 0


def _fails_on_parent(step: DeriveStep, changed: Sequence[str], site: DeriveSite) -> bool:
    with site.at_parent() as root:
        if not _is_called_for(step, root):
            return False
        context = replace(site.context_of(step), root=root)
        return any(not _is_green(_run(step, command, context)) for command in commands(step.command, _present(root, changed)))


def _is_called_for(step: DeriveStep, root: Path) -> bool:
    """Whether any file there calls for the step. Where the edit makes the first one, that it fails without the edit tells nothing."""
    return bool(triggers(step, tuple(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())))


def _failure(step: DeriveStep, command: Command, end: CommandEnd, fails_on_parent: bool) -> AttemptFailed:
    gone = missing(command, end)
    how = gone.sentence if gone else end.detail or f"exit code {end.exit_code}."
    tail = cut_tail(stable(end.output).strip(), _TAIL)
    if fails_on_parent or (gone is not None and not gone.places):
        message = f"derive: '{shown(step.command)}' fails here with or without the edit: {how}"
        return AttemptFailed(FailureKind.ENVIRONMENT, message, tail)
    return AttemptFailed(FailureKind.DERIVE_FAILED, f"derive: '{shown(step.command)}' failed on the edit: {how}", tail)
