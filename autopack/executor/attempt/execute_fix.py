"""Runs the commands that a doctor asks for in the run's work tree, and keeps what they changed inside the scope; the rest is put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.step import run_logged
from autopack.checks.processes.command import CommandSpec, EndKind
from autopack.core.candidate import DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.events import EventName
from autopack.core.failure import FailureKind
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Diagnosis, Fix
from autopack.core.step_names import StepName
from autopack.edits import AcceptedEdits
from autopack.executor.attempt.derive_files import stored_files
from autopack.executor.attempt.fixed_base import fixed_files, last_fix, start_commit
from autopack.executor.attempt.judge_fix import inside, settled
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.commands.command_site import alone, command_context_for, environment_for
from autopack.executor.run_context import RunContext
from autopack.recovery.fix_commands import CommandRefused, FixCommand, parse_fix_command
from autopack.store.attempts import AttemptKey
from autopack.store.phase_changes import PhaseChange
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.git import Git
from autopack.worktree.message import CommitText
from autopack.worktree.private_git_dir import ENVIRONMENT, private_git_dir
from autopack.worktree.written import shown

COMMANDS_MAX: Final = 10
COMMAND_S: Final = 120.0
_OUTPUT: Final = 500
_WITH_MAGIC: Final = ("git", "stash")
"""It gives itself paths with magic."""


class FixTold(PhaseChange):
    """What the log says of a fix."""

    message: str
    kind: FailureKind
    undone: tuple[str, ...]


def execute_fix(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, diagnosis: Diagnosis, left: int) -> Fix:
    """The recorded fix of that failed attempt, or a new one. ``left``: so many more may be made.

    A kill in between leaves nothing: the tree is brought back to the start of the attempt, and the commands run anew.
    """
    recorded = ctx.state.phases.step_results(key).get(StepName.FIX)
    if recorded is not None:
        return Fix.model_validate_json(recorded)
    before = last_fix(ctx, phase.id) or Fix()
    try:
        fix = _fixed(ctx, widened(phase, ctx.state.phases.get(phase.id)), key, before, (diagnosis, left))
    except AttemptFailed as failed:
        fix = before.model_copy(update={"failure": failed.kind, "why": failed.message, "undone": tuple(failed.evidence.splitlines())})
    fix = Fix.model_validate(ctx.redactor.redact_within(fix.model_dump(mode="json")))
    changed = f"{'; '.join(fix.commands)}: changed {', '.join(fix.candidate.paths)}" if fix.candidate else ""
    told = FixTold(message=fix.why or changed, kind=fix.failure or FailureKind.FIXED, undone=fix.undone)
    ctx.state.phases.record_step(key, StepName.FIX, fix.model_dump_json(), None, told)
    return fix


def _fixed(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, before: Fix, asked: tuple[Diagnosis, int]) -> Fix:
    played = ctx.replay.fixed(phase.id, key.number) if ctx.replay else None
    if played is not None and played.failure is not None:
        raise AttemptFailed(played.failure, played.why)
    texts = tuple(_text(words) for words in asked[0].fix_commands)
    made, undone = (stored_files(ctx.repository, ctx.slot, played.fixed), ()) if played else _run(ctx, phase, key, *asked)
    files = settled(ctx, phase, key, fixed_files(ctx, key), made)
    ref = f"{key.ref}.fix"
    stamp = Stamp(CommitText("Fix", "\n".join(texts)), ctx.repository.identity, 0, ref)
    content = Content(AcceptedEdits({}, {}), {}, files)
    try:
        candidate = make_candidate(ctx.repository, ctx.tree(key.parent), content, stamp).candidate
    except AttemptFailed as failed:
        raise _without_effect(undone) from failed
    return Fix(candidate=candidate, commands=(*before.commands, *texts), undone=undone)


def _run(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, diagnosis: Diagnosis, left: int) -> tuple[DerivedFiles, tuple[str, ...]]:
    """What the commands made of the files of the scope, and what is put back, with reasons."""
    start, work_tree = start_commit(ctx, phase.id, key.parent), ctx.slot.work_tree
    _judge_allowed(ctx, diagnosis, left)
    work_tree.reset(start)
    commands = [_parsed(words, work_tree.place, ctx.settings.models.doctor.allowed_fix_types) for words in diagnosis.fix_commands]
    told = "; ".join(command.text for command in commands)
    ctx.tell(
        EventName.FIX_BEGUN, phase, key.number, message=f"runs {told}; the tree is that of {start[:10]}, and can be brought back to it"
    )
    with _site(ctx, phase, key, start) as site:
        for words, command in zip(diagnosis.fix_commands, commands, strict=True):
            _parsed(words, work_tree.place, (command.type,))  # what an earlier one left may lead elsewhere
            site.run(command)
        found = inside(ctx, phase, start, work_tree.written())
        made = work_tree.hash_files(found.kept)
    work_tree.reset(start)
    if not made.files:
        raise _without_effect(found.undone)
    return made, found.undone


def _without_effect(undone: tuple[str, ...]) -> AttemptFailed:
    elsewhere = f" What they changed elsewhere was put back: {'; '.join(undone)}" if undone else ""
    return AttemptFailed(FailureKind.FIX_WITHOUT_EFFECT, f"The commands changed no file of the scope.{elsewhere}", "\n".join(undone))


def _judge_allowed(ctx: RunContext, diagnosis: Diagnosis, left: int) -> None:
    rules = ctx.settings.models.doctor
    if not rules.allow_execute_fix_global:
        raise _refused("Your configuration allows no fix by commands (doctor.allow_execute_fix_global).")
    if left <= 0:
        raise _refused(f"The phase has had its {rules.max_execute_fix_per_phase} fixes by commands.")
    if diagnosis.fix_type not in (None, *rules.allowed_fix_types):
        raise _refused(f"Fixes of the type {diagnosis.fix_type} are not allowed (doctor.allowed_fix_types).")
    if not 0 < len(diagnosis.fix_commands) <= COMMANDS_MAX:
        raise _refused(f"A fix has 1 to {COMMANDS_MAX} commands, not {len(diagnosis.fix_commands)}.")


def _parsed(words: tuple[str, ...], root: Path, allowed: tuple[str, ...]) -> FixCommand:
    try:
        command = parse_fix_command(words, root)
    except CommandRefused as refused:
        raise _refused(f"{_text(words)}: {refused}") from refused
    if command.type not in allowed:
        raise _refused(f"{command.text}: commands of the type {command.type} are not allowed (doctor.allowed_fix_types).")
    return command


def _refused(message: str) -> AttemptFailed:
    return AttemptFailed(FailureKind.FIX_REFUSED, message)


def _text(words: tuple[str, ...]) -> str:
    return " ".join(shown(words))


@dataclass(frozen=True)
class _Site:
    """The work tree, and a git whose folder is nobody else's."""

    context: CommandContext
    git: Git

    def run(self, command: FixCommand) -> None:
        """In the sandbox of the plan's commands, without network. Raises AttemptFailed."""
        words = self.git.words(*command.argv[1:]) if command.type == "git" else command.argv
        magic = {"GIT_LITERAL_PATHSPECS": "0"} if command.argv[:2] == _WITH_MAGIC else {}
        environment = {**self.context.environment, **ENVIRONMENT, **magic}
        spec = CommandSpec(words, self.context.root, environment, COMMAND_S, limits=self.context.limits, prefix=self.context.prefix)
        end = run_logged(spec, self.context)
        if end.kind is not EndKind.EXITED or end.exit_code != 0:
            said = " ".join((end.output.strip() or end.detail or f"exit code {end.exit_code}").split())[-_OUTPUT:]
            raise AttemptFailed(FailureKind.FIX_FAILED, f"{command.text} failed: {said}")


@contextmanager
def _site(ctx: RunContext, phase: PhaseSpec, key: AttemptKey, start: str) -> Iterator[_Site]:
    context = command_context_for(ctx, f"{phase.id}-{key.number}-fix", environment_for(ctx, phase.id), network=False)
    with alone(ctx.slot.scratch):
        git = private_git_dir(ctx.repository, ctx.slot.work_tree, start, ctx.slot.scratch / "git")
        yield _Site(replace(context, title="the commands of a doctor"), git)
