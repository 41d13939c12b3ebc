"""Judges the paths of a command by their names and by what lies there, directories with all that is below them."""

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from autopack.core.tool_made import is_tool_made
from autopack.edits.collisions import judge_against, judge_among_each_other, judge_bare_repositories
from autopack.edits.model import EditRefused
from autopack.edits.names import judge_shape, name_key, shown
from autopack.edits.protected import needs_exact_scope, never_allowed, steers_git
from autopack.recovery.command_words import CommandRefused
from autopack.worktree.disk_files import names_alike, opened_root
from autopack.worktree.path_gate import DiskEntries, judge_entries

ENTRIES_MAX: Final = 20_000
_ROOT: Final = "."
_MOVERS: Final = frozenset(("cp", "mv"))
_INSIDE: Final = "/ "  # what a directory is judged by: no file may be called so
_OF_REPOSITORIES: Final = frozenset(("head", "objects", "refs"))


class Operands:
    """Those of one command in ``root``."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = os.fspath(root)

    @cached_property
    def _entries(self) -> DiskEntries:
        return DiskEntries(self._root)

    def judged(self, name: str, operands: tuple[str, ...], *, is_git: bool) -> tuple[str, ...]:
        """The paths relative to the root; ``.`` is the root itself. Raises CommandRefused."""
        try:
            places = tuple(self._place(operand) for operand in operands)
            if not is_git and name in _MOVERS:
                self._judge_moved(places, ends_in_slash=operands[-1].endswith("/"))
            elif not is_git:
                self._judge_files(name, places)
        except EditRefused as refused:
            raise CommandRefused(str(refused)) from refused
        else:
            return places

    def _place(self, operand: str) -> str:
        """Without ``.`` and ``..``, each of which has to stand behind a directory; judged."""
        kept: list[str] = []
        for part in operand.removesuffix("/").split("/"):
            if part == "..":
                self._judge_directory("/".join(kept), operand)
                kept.pop()
            elif part != ".":
                kept.append(part)
        if not kept:
            return _ROOT
        path = "/".join(kept)
        self._judge(path)
        if operand.endswith("/") and self._entries.kind(path) not in (None, "directory"):
            raise CommandRefused(f"{shown(operand)} is no directory.")
        return path

    def _judge_directory(self, path: str, operand: str) -> None:
        if not path:
            raise CommandRefused(f"{shown(operand)} leads out of the work tree.")
        self._judge(path)
        if self._entries.kind(path) not in (None, "directory"):
            raise CommandRefused(f"{shown(operand)} leads back from what is no directory.")

    def _judge(self, path: str) -> None:
        judge_shape(path)
        self._judge_name(path)
        judge_entries([path + _INSIDE if self._entries.kind(path) in ("directory", "submodule") else path], self._entries)

    def _judge_name(self, path: str) -> None:
        name = never_allowed(path)
        if name is not None:
            raise CommandRefused(f"{shown(path)} holds `{name}`, which belongs to git or to Autopack.")
        kind = needs_exact_scope(path)
        if kind is not None and not steers_git(path) and not is_tool_made(path):
            raise CommandRefused(f"{shown(path)} is {kind}, which no fix touches.")

    def _judge_files(self, name: str, places: tuple[str, ...]) -> None:
        """Of ``rm`` and ``mkdir``."""
        if _ROOT in places:
            raise CommandRefused(f"`{name}` may not be given the whole work tree.")
        if name == "mkdir":
            self._judge_new(directories=places)
            return
        for place in places:
            for _ in self._below(place, may_link=True):
                pass

    def _judge_moved(self, places: tuple[str, ...], *, ends_in_slash: bool) -> None:
        """Sources with all that is below them, and where each of their files would come to lie."""
        *sources, target = places
        if _ROOT in sources:
            raise CommandRefused("The whole work tree may not be copied or moved.")
        is_into = target == _ROOT or self._entries.kind(target) == "directory"
        if len(sources) > 1 and not is_into:
            raise CommandRefused(f"{shown(target)} is no directory, so several files cannot go there.")
        files: list[str] = []
        directories: list[str] = []
        for source in sources:
            inside = "" if target == _ROOT else f"{target}/"
            to = inside + source.rpartition("/")[2] if is_into else target
            is_directory = self._entries.kind(source) == "directory"
            if ends_in_slash and not is_into and not is_directory:
                raise CommandRefused(f"{shown(target)} is no directory.")
            (directories if is_directory else files).append(to)
            for path, is_folder in self._below(source, may_link=False):
                (directories if is_folder else files).append(to + path.removeprefix(source))
        for path in (*files, *directories):
            self._judge(path)
        self._judge_new(tuple(files), tuple(directories))

    def _judge_new(self, files: tuple[str, ...] = (), directories: tuple[str, ...] = ()) -> None:
        """New names may not be, on some system, the name of something else; a directory is judged as what it may hold."""
        new = [*files, *(path + _INSIDE for path in dict.fromkeys(directories))]
        judge_among_each_other(new)
        with opened_root(self._root) as root_fd:
            judge_against(names_alike(root_fd, (*files, *directories)), new)
        parts_of_one = [path for path in (*files, *directories) if _OF_REPOSITORIES & set(name_key(path).split("/"))]
        beside = {parent + name for path in parts_of_one for parent in _parents(path) for name in self._names(parent)}
        judge_bare_repositories(beside, parts_of_one)

    def _below(self, path: str, *, may_link: bool) -> Iterator[tuple[str, bool]]:
        """Everything below a directory, judged, with whether it is a directory itself."""
        if self._entries.kind(path) != "directory":
            return
        waiting, seen = [path], 0
        while waiting:
            folder = waiting.pop()
            for name in self._names(f"{folder}/"):
                seen += 1
                inside = f"{folder}/{name}"
                kind = self._entries.kind(inside)
                if seen > ENTRIES_MAX:
                    raise CommandRefused(f"{shown(path)} holds more than {ENTRIES_MAX} entries.")
                self._judge_name(inside)
                if kind == "submodule" or (kind not in ("file", "directory", None) and not may_link):
                    raise CommandRefused(f"{shown(inside)} is a link, another repository, or no plain file.")
                if kind == "directory":
                    waiting.append(inside)
                yield inside, kind == "directory"

    def _names(self, folder: str) -> list[str]:
        try:
            return sorted(os.listdir(os.path.join(self._root, folder)))  # noqa: PTH118, PTH208 - a folder that was judged, as strings
        except (FileNotFoundError, NotADirectoryError):
            return []


def _parents(path: str) -> Iterator[str]:
    """The directories that the path lies in, each with its final ``/``; the root is the empty one."""
    return (path[:end] for end in (0, *(place + 1 for place, sign in enumerate(path) if sign == "/")))
