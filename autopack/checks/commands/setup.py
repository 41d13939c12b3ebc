"""Sets up a work tree with the plan's own commands: once, and again when files that they depend on have changed."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from autopack.checks.commands.command_context import CommandContext, own_out
from autopack.checks.commands.step import run_logged
from autopack.checks.processes.command import CommandEnd, CommandSpec, EndKind, shown
from autopack.checks.results.evidence import cut_tail
from autopack.checks.results.text import stable
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.core.plan import SetupStep
from autopack.core.scope import matches

_TAIL = 3_000
_READ_BYTES = 1_000_000


@dataclass(frozen=True)
class SetupSite:
    """Where set-up happens and what is known of it.

    Args:
        place_of: the place for a step, its ``env_from`` in the environment.
        paths: the tracked paths of the work tree as it is now.
        recall: the stamp under which a step last succeeded in this very work tree, by the step's name.
        remember: keeps it.
        is_candidate: whether a builder's change lies in the tree; then a failure may be the change's.
        during: entered with a command while it runs.
    """

    context_of: Callable[[SetupStep], CommandContext]
    paths: Sequence[str]
    recall: Callable[[str], str | None]
    remember: Callable[[str, str], None]
    is_candidate: bool = False
    during: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()


def set_up(steps: Sequence[SetupStep], site: SetupSite) -> tuple[str, ...]:
    """Runs what has to be run; the commands that ran.

    Raises:
        EnvironmentBlockedError: a command failed on a tree that is not a candidate.
        AttemptFailed: a command failed on a candidate; whether the change is to blame its parent tells.
    """
    ran: list[str] = []
    for step in steps:
        name, context = step_name(step), site.context_of(step)
        stamp = stamp_of(step, context.root, site.paths)
        before = site.recall(name)
        if before == stamp:
            continue
        with site.during(shown(step.command)):
            end = _run(step, context)
        if end.kind is not EndKind.EXITED or end.exit_code != 0:
            if before:
                site.remember(name, "")  # no later set-up may build on what the failed one left
            raise _failure(step, end, is_candidate=site.is_candidate, is_again=bool(before))
        site.remember(name, stamp)
        ran.append(shown(step.command))
    return tuple(ran)


def is_due(steps: Sequence[SetupStep], site: SetupSite) -> bool:
    """Whether any of them has to be run."""
    return any(site.recall(step_name(step)) != stamp_of(step, site.context_of(step).root, site.paths) for step in steps)


def step_name(step: SetupStep) -> str:
    return hashlib.sha256(repr((step.command, step.again_when)).encode()).hexdigest()


def stamp_of(step: SetupStep, root: Path, paths: Sequence[str]) -> str:
    """The hash of the command and of every file that it depends on."""
    digest = hashlib.sha256(step_name(step).encode())
    for path in sorted(path for path in paths if any(matches(pattern, path) for pattern in step.again_when)):
        digest.update(path.encode("utf-8", "surrogateescape") + b"\0" + _content(root / path))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        return b"-"
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.digest()


def _run(step: SetupStep, context: CommandContext) -> CommandEnd:
    with own_out(context) as out:
        environment = {**context.environment, "AUTOPACK_OUT": str(out)}
        return run_logged(
            CommandSpec(step.command, context.root, environment, step.timeout_s, limits=context.limits, prefix=context.prefix), context
        )


def _failure(step: SetupStep, end: CommandEnd, *, is_candidate: bool, is_again: bool) -> EnvironmentBlockedError | AttemptFailed:
    how = end.detail or f"exit code {end.exit_code}."
    message = f"workspace.setup: '{shown(step.command)}' failed: {how}"
    tail = cut_tail(stable(end.output).strip(), _TAIL)
    if is_candidate:
        why = " It ran again because files it depends on were changed." if is_again else ""
        return AttemptFailed(FailureKind.CHECKS_RED, f"{message}{why}", tail)
    return EnvironmentBlockedError(f"{message}\n{tail}" if tail else message)
