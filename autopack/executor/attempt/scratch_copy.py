"""The builder's scratch copy: the slot's work tree on the attempt's start, in which its commands run. The next reset throws it away.

The commands are a model's. They run in the sandbox alone, without network, keys, git's data, and files that are secret by their names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from autopack.checks.commands.command_context import CommandContext, own_out
from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.commands.step import run_logged
from autopack.checks.processes.command import CommandEnd, CommandSpec
from autopack.checks.results.evidence import cut_tail
from autopack.checks.sandbox.sandbox import hidden
from autopack.context.frame import Framed, in_frames
from autopack.context.unshown import is_secret
from autopack.core.exploring import Round, ScratchFile, ToolAnswer
from autopack.core.plan import PhaseSpec
from autopack.core.scope import Scope
from autopack.core.step_names import StepName, all_laps
from autopack.core.text import EncodingError, decode, encode
from autopack.core.visible import one_name
from autopack.edits import EditRefused
from autopack.executor.attempt.scope_grants import opens
from autopack.executor.attempt.steps import Steps
from autopack.executor.commands.command_site import command_context_for
from autopack.executor.commands.set_up import set_up
from autopack.executor.run_context import WorkSite
from autopack.settings.key_variables import key_variables
from autopack.worktree.disk_files import opened_root, read_file
from autopack.worktree.disk_writes import DiskChange, write_all
from autopack.worktree.written import shown

FILES_MAX: Final = 500
FILE_CHARACTERS_MAX: Final = 2 * 1024 * 1024
ALL_CHARACTERS_MAX: Final = 8 * 1024 * 1024
"""What is kept of a scratch copy, for ``take`` and for a start that goes on after a kill."""

_NAMED: Final = 40
_LEAST_OUTPUT: Final = 2_000


def scratch_files(step: Steps) -> dict[str, ScratchFile]:
    """What the attempt's commands have changed, as its rounds recorded it."""
    found: dict[str, ScratchFile] = {}
    for text in all_laps(step.results, StepName.EXPLORE):
        for file in Round.model_validate_json(text).changed:
            found.pop(file.path, None)
            found |= {} if file.is_back else {file.path: file}
    return found


@dataclass
class ScratchCopy:
    """``commit`` is what it is a copy of; ``known`` is what differs from it so far, ``changed`` what changed since the round began."""

    site: WorkSite
    phase: PhaseSpec
    step: Steps
    commit: str
    known: dict[str, ScratchFile] = field(default_factory=dict)
    changed: dict[str, ScratchFile] = field(default_factory=dict)
    is_laid: bool = False

    @property
    def _root(self) -> Path:
        return self.site.slot.work_tree.place

    def run(self, command: str, timeout_s: float, characters: int) -> ToolAnswer:
        """Runs one command after what came before it."""
        self._lay()
        context = self._context(characters)
        with own_out(context) as out:
            environment = {**context.environment, "AUTOPACK_OUT": str(out)}
            self.site.slot.work_tree.disturb()
            spec = CommandSpec(command, self._root, environment, timeout_s, limits=context.limits, prefix=context.prefix)
            end = run_logged(spec, context)
        news = self._news()
        self.changed |= {file.path: file for file in news}
        how = _how(end)
        output = Framed("output", cut_tail(end.output.strip("\n"), characters))
        text = in_frames([f"{how}, after {end.duration_s:.1f} s\n", output, *self._told(news)])
        return ToolAnswer(text=text, told=f"run {one_name(command)}: {how}")

    def take_changed(self) -> tuple[ScratchFile, ...]:
        """What changed since this was asked last."""
        news, self.changed = tuple(self.changed.values()), {}
        return news

    def _lay(self) -> None:
        """The commit's tree, set up, and what a start before this one recorded."""
        if self.is_laid:
            return
        set_up(self.site, self.commit, is_candidate=self.commit != self.step.key.parent)
        self.site.slot.work_tree.prepare_directories(self.phase.scope.paths)
        self.known = scratch_files(self.step)
        with opened_root(self._root) as root_fd:
            write_all(root_fd, list(_changes(root_fd, self.known.values())))
        self.is_laid = True

    def _context(self, characters: int) -> CommandContext:
        """No variable of the user's own choice is handed on, and no log kept: the round's record has the output."""
        site = self.site
        around = EnvironmentSources(site.environment, site.state.run_id, key_variables(site.settings), (), site.slot.home)
        environment = build_environment(around, phase=self.phase.id, env=self.phase.ci.env)
        context = command_context_for(site, f"{self.phase.id}-{self.step.key.number}", environment, network=False)
        limits = context.limits.model_copy(update={"output_kept_bytes": max(_LEAST_OUTPUT, characters)})
        prefix = (*context.prefix, *hidden((site.repository.common_dir, *self._secrets())))
        return replace(context, log=None, limits=limits, prefix=prefix)

    def _secrets(self) -> Iterator[Path]:
        """What is secret by its name in the tree, in what was linked or set up beside it and in HOME, but files that the scope names."""
        beside = (path.name for path in self._root.iterdir() if is_secret(path.name))
        named = dict.fromkeys((*self._secret_paths, *beside))
        scope = Scope(self.phase.scope.paths)
        yield from (self._root / path for path in named if not scope.names_exactly(path))
        home = self.site.slot.home
        yield from (path for pattern in ("*", ".*/*") for path in home.glob(pattern) if is_secret(path.relative_to(home).as_posix()))

    @cached_property
    def _secret_paths(self) -> tuple[str, ...]:
        links = (item.path.strip("/") for item in self.site.plan.workspace.link)
        return tuple(path for path in (*self.site.tree(self.commit).entries, *links) if is_secret(path))

    def _news(self) -> tuple[ScratchFile, ...]:
        """What the command changed, and what it put back as the commit has it."""
        written = self.site.slot.work_tree.written()
        paths = [path for path, name in zip(written, shown(written), strict=True) if path == name and not path.endswith("/")]
        now = {file.path: file for file in self._read(paths)}
        back = {path: ScratchFile(path=path, is_back=True) for path in self.known if path not in now}
        news = tuple(file for file in (*now.values(), *back.values()) if file != self.known.get(file.path))
        self.known = now
        return news

    def _read(self, paths: Sequence[str]) -> Iterator[ScratchFile]:
        """Those of the scope first: there is room for so much."""
        left, scope = ALL_CHARACTERS_MAX, self._scope
        with opened_root(self._root) as root_fd:
            for index, path in enumerate(sorted(paths, key=lambda path: not opens(scope, path))):
                file = _file(root_fd, path) if index < FILES_MAX and left > 0 else _too_much(path)
                left -= len(file.text or "")
                text = self.site.log.redactor.redact_exact(file.text) if file.text is not None else None
                yield file.model_copy(update={"text": text})

    def _told(self, news: Sequence[ScratchFile]) -> Iterator[str]:
        scope, names = self._scope, []
        for file in news[:_NAMED]:
            what = "as before" if file.is_back else file.unusable or ("gone" if file.text is None else "")
            outside = "" if opens(scope, file.path) else "not in the scope"
            why = ", ".join(filter(None, (what.rstrip("."), outside)))
            names.append(f"{one_name(file.path)} ({why})" if why else one_name(file.path))
        more = f" and {len(news) - _NAMED:,} more" if len(news) > _NAMED else ""
        if names:
            yield f"Changed in the scratch copy: {', '.join(names)}{more}\n"

    @property
    def _scope(self) -> Scope:
        return Scope(self.phase.scope.paths, self.phase.scope.read_only_context)


def _how(end: CommandEnd) -> str:
    code = f"exit code {end.exit_code}" if end.exit_code is not None else end.kind.value.replace("_", " ")
    return end.detail.rstrip(".") or code


def _file(root_fd: int, path: str) -> ScratchFile:
    """Read without following a link."""
    try:
        found = read_file(root_fd, path)
    except EditRefused as refused:
        return ScratchFile(path=path, unusable=refused.message)
    if found is None:
        return ScratchFile(path=path)
    decoded = decode(found.data)
    if decoded is None:
        return ScratchFile(path=path, unusable="it is binary.")
    return _too_much(path) if len(decoded.text) > FILE_CHARACTERS_MAX else ScratchFile(path=path, text=decoded.text)


def _too_much(path: str) -> ScratchFile:
    return ScratchFile(path=path, unusable="it is more than is kept of a scratch copy.")


def _changes(root_fd: int, files: Iterable[ScratchFile]) -> Iterator[DiskChange]:
    """What lays recorded files over the tree; what cannot be laid, as a file whose folder is a link, is left out."""
    for file in files:
        try:
            there = read_file(root_fd, file.path)
        except EditRefused:
            continue
        if file.unusable is None and (file.text is not None or there is not None):
            data = _encoded(file.text, there.data if there else b"") if file.text is not None else None
            yield DiskChange(file.path, data, there.identity if there else None, there.permissions if there else None)


def _encoded(text: str, before: bytes) -> bytes:
    """As the file was encoded, where that can hold the text."""
    decoded = decode(before)
    try:
        return encode(text, decoded.encoding if decoded else "utf-8")
    except EncodingError:
        return encode(text, "utf-8")
