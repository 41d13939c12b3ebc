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
from autopack.core.models_settings import DoctorSettings
from autopack.core.plan import PhaseSpec
from autopack.core.remedy import Diagnosis, Fix
from autopack.core.step_names import StepName
from autopack.edits import AcceptedEdits
from autopack.executor.attempt.derive_files import stored_files
from autopack.executor.attempt.fixed_base import FixedBase, fixed_base
from autopack.executor.attempt.judge_fix import inside, settled
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.commands.command_site import alone, command_context_for, environment_for
from autopack.executor.run_context import WorkSite
from autopack.llm.calls.journal_file import ReplayJournal
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


@dataclass(frozen=True)
class FixAsked:
    """What a doctor asks for after that attempt of the phase has failed. ``left``: so many more fixes may be made."""

    phase: PhaseSpec
    key: AttemptKey
    diagnosis: Diagnosis
    left: int


def execute_fix(site: WorkSite, replay: ReplayJournal | None, asked: FixAsked) -> Fix:
    """The recorded fix of that failed attempt, or a new one.

    A kill in between leaves nothing: the tree is brought back to the start of the attempt, and the commands run anew.
    """
    phases, key = site.state.phases, asked.key
    recorded = phases.step_results(key).get(StepName.FIX)
    if recorded is not None:
        return Fix.model_validate_json(recorded)
    start = fixed_base(site, key.phase, key.parent)
    before = start.fix or Fix()
    try:
        fix = _fixed(site, replay, replace(asked, phase=widened(asked.phase, phases.get(key.phase))), start)
    except AttemptFailed as failed:
        fix = before.model_copy(update={"failure": failed.kind, "why": failed.message, "undone": tuple(failed.evidence.splitlines())})
    fix = Fix.model_validate(site.log.redactor.redact_within(fix.model_dump(mode="json")))
    changed = f"{'; '.join(fix.commands)}: changed {', '.join(fix.candidate.paths)}" if fix.candidate else ""
    told = FixTold(message=fix.why or changed, kind=fix.failure or FailureKind.FIXED, undone=fix.undone)
    phases.record_step(key, StepName.FIX, fix.model_dump_json(), None, told)
    return fix


def _fixed(site: WorkSite, replay: ReplayJournal | None, asked: FixAsked, start: FixedBase) -> Fix:
    phase, key = asked.phase, asked.key
    played = replay.fixed(phase.id, key.number) if replay else None
    if played is not None and played.failure is not None:
        raise AttemptFailed(played.failure, played.why)
    texts = tuple(_text(words) for words in asked.diagnosis.fix_commands)
    made, undone = (stored_files(site.repository, site.slot, played.fixed), ()) if played else _run(site, asked, start.commit)
    files = settled(phase, site.tree(key.parent), site.log.redactor, start.files(site.repository.git), made)
    stamp = Stamp(CommitText("Fix", "\n".join(texts)), site.repository.identity, 0, f"{key.ref}.fix")
    content = Content(AcceptedEdits({}, {}), {}, files)
    try:
        candidate = make_candidate(site.repository, site.tree(key.parent), content, stamp).candidate
    except AttemptFailed as failed:
        raise _without_effect(undone) from failed
    before = start.fix.commands if start.fix else ()
    return Fix(candidate=candidate, commands=(*before, *texts), undone=undone)


def _run(site: WorkSite, asked: FixAsked, start: str) -> tuple[DerivedFiles, tuple[str, ...]]:
    """What the commands made of the files of the scope, and what is put back, with reasons."""
    phase, key, diagnosis, rules = asked.phase, asked.key, asked.diagnosis, site.settings.models.doctor
    work_tree = site.slot.work_tree
    _judge_allowed(rules, diagnosis, asked.left)
    work_tree.reset(start)
    commands = [_parsed(words, work_tree.place, rules.allowed_fix_types) for words in diagnosis.fix_commands]
    told = "; ".join(command.text for command in commands)
    message = f"runs {told}; the tree is that of {start[:10]}, and can be brought back to it"
    site.log.tell(EventName.FIX_BEGUN, phase.id, key.number, message=message)
    with _opened(site, key, start) as at:
        for words, command in zip(diagnosis.fix_commands, commands, strict=True):
            _parsed(words, work_tree.place, (command.type,))  # what an earlier one left may lead elsewhere
            at.run(command)
        found = inside(phase, site.tree(start), work_tree.place, work_tree.written())
        made = work_tree.hash_files(found.kept)
    work_tree.reset(start)
    if not made.files:
        raise _without_effect(found.undone)
    return made, found.undone


def _without_effect(undone: tuple[str, ...]) -> AttemptFailed:
    elsewhere = f" What they changed elsewhere was put back: {'; '.join(undone)}" if undone else ""
    return AttemptFailed(FailureKind.FIX_WITHOUT_EFFECT, f"The commands changed no file of the scope.{elsewhere}", "\n".join(undone))


def _judge_allowed(rules: DoctorSettings, diagnosis: Diagnosis, left: int) -> None:
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
class _FixSite:
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
def _opened(site: WorkSite, key: AttemptKey, start: str) -> Iterator[_FixSite]:
    context = command_context_for(site, f"{key.phase}-{key.number}-fix", environment_for(site, key.phase), network=False)
    with alone(site.slot.scratch):
        git = private_git_dir(site.repository, site.slot.work_tree, start, site.slot.scratch / "git")
        yield _FixSite(replace(context, title="the commands of a doctor"), git)
