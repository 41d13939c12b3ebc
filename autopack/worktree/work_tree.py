"""Keeps a run's work tree: resets it to a commit and what set-up left, finds what a command wrote, makes it again when it is gone.

No git reads it: any code may have written what lies there. Autopack compares it path by path with what it put there.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from autopack.core.candidate import DerivedFiles
from autopack.worktree.admin_folder import git_of, move_head, publish_index, scrub
from autopack.worktree.base_tree import BaseTree, Trees
from autopack.worktree.candidate import Content
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.draft import draft_ref, forget_draft, keep_made, make_draft
from autopack.worktree.filters import Filters
from autopack.worktree.git import Git, GitError
from autopack.worktree.guard import exclusive
from autopack.worktree.manifest import Differences
from autopack.worktree.registration import Registration, register, unregister
from autopack.worktree.removing import remove_tree
from autopack.worktree.repository import Repository
from autopack.worktree.restore import CheckedOut, LaidFiles, RestoredFolder, beyond_the_commit, bring, differences
from autopack.worktree.scratch import RunInside, Scratch
from autopack.worktree.snapshot import Snapshot, SnapshotStore
from autopack.worktree.target import Target, target_of
from autopack.worktree.work_tree_files import changes_on_disk, make_directories
from autopack.worktree.written import written_paths

_TICK_S: Final = 0.001
_TOLD_MAX: Final = 1000
_DRAFTED_MAX: Final = 3
_TREE: Final = "tree"
_HOME: Final = "home"
_POINTER: Final = frozenset({".git"})  # the file that makes a folder a work tree


@dataclass
class _Memory:
    """What this process knows of the tree. ``states``: what is kept of set-up, the last trusted state first."""

    laid: LaidFiles = field(default_factory=LaidFiles)
    home: LaidFiles = field(default_factory=LaidFiles)
    states: tuple[Snapshot, ...] | None = None
    seen: Differences | None = None
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkTree:
    """``linked`` are the paths of ``workspace.link``, ``home`` is the HOME of commands: what set-up leaves there is kept too.

    Filters of the user's git run by ``run_inside``, the sandbox, where there is one.
    """

    repository: Repository
    place: Path
    linked: tuple[str, ...] = ()
    run_inside: RunInside | None = None
    home: Path | None = None
    _memory: _Memory = field(default_factory=_Memory, compare=False, repr=False)

    @classmethod
    def registered(cls, repository: Repository, place: Path, commit: str, *, linked: Sequence[str] = ()) -> "WorkTree":
        """The work tree at ``place`` (``<...>/<run-id>/<slot>``), whatever lies there now: ``reset`` comes next.

        Raises:
            EnvironmentBlockedError: the place lies in a repository, or cannot be written.
        """
        work_tree = cls(repository, place.parent.resolve() / place.name, tuple(linked))
        with work_tree._held(commit):
            return work_tree

    @cached_property
    def trees(self) -> Trees:
        return Trees(self.repository.git)

    def reset(self, commit: str) -> None:
        """Makes the files those of ``commit`` and what was kept of set-up, and removes everything else.

        May be killed at any instant and called again.
        """
        with self._held(commit) as (git, known):
            self._bring(git, known, commit)

    def written(self) -> tuple[str, ...]:
        """Paths that differ from what ``reset`` left: tracked ones that changed or went, and others that git does not ignore.

        A new folder that is a repository of its own ends in ``/``.
        """
        memory, commit = self._memory, self._memory.laid.commit
        with self._held(commit) as (git, _):
            tree = self.trees.at(commit)
            if memory.laid.commit != commit:  # somebody removed the whole tree
                return tuple(sorted(path for path, entry in tree.entries.items() if entry.type == "blob"))
            memory.seen = differences(self.place, memory.laid, _POINTER)
            return written_paths(self.place, memory.seen, memory.laid, tree, self._scratch(git))

    def disturb(self) -> None:
        """Says that what was seen of the tree no longer holds: a command is about to run that no ``reset`` came before."""
        self._memory.seen = None

    def settle(self) -> tuple[str, ...]:
        """Restores the tree after a command; gives what the command wrote."""
        commit, found = self._memory.laid.commit, self.written()
        self._memory.removed = self._memory.seen.new[:_TOLD_MAX] if self._memory.seen else ()
        self.reset(commit)
        self._memory.seen = Differences()  # the next ``settle`` comes before any command and need not look
        return found

    @property
    def removed(self) -> tuple[str, ...]:
        """New paths that the last ``settle`` took away, ignored ones too; a folder is one path."""
        return self._memory.removed

    @property
    def kept(self) -> Snapshot:
        """What is kept of set-up now."""
        return self._states[-1] if self._states else Snapshot()

    def keep(self, label: Mapping[str, str], *, is_trusted: bool = True) -> None:
        """Keeps what lies in the tree beside the commit's files as what set-up left: from now on it is restored before every command.

        ``is_trusted`` says that no candidate's code had a hand in it; else the state before is kept too, to ``fall_back`` on.
        """
        with disk_trouble(self.place):
            roots = {name: (root, beyond_the_commit(root, laid, without)) for name, root, laid, without in self._roots()}
            now = self._store.keep(roots, label, self.kept)
            self._remember((now,) if is_trusted else (*self._states[:1], now))
        for name, _, laid, _ in self._roots():
            laid.stands_on(now.of(name), now.number)
        self.reset(self._memory.laid.commit)

    def trust(self) -> None:
        """Trusts the present state: the candidate whose code had a hand in it has landed."""
        self._remember(self._states[-1:])

    def fall_back(self) -> None:
        """Makes the next ``reset`` go back to the state before a candidate's code had a hand in it."""
        self._remember(self._states[:1] if len(self._states) > 1 else ())

    def forget(self) -> None:
        """Forgets what was kept of set-up, and removes it from the tree."""
        self._remember(())
        self.reset(self._memory.laid.commit)

    def write(self, base: BaseTree, content: Content) -> str:
        """Puts accepted files on disk for derive steps, as a checkout would, and gives the draft commit that holds them.

        What a derive step writes is then what is ``written``.
        """
        for _ in range(_DRAFTED_MAX):
            draft = make_draft(self.repository, base, content, draft_ref(self.place))
            self.trees.keep(draft.tree)
            with suppress(GitError):  # a gc removed what was just made; it spares what a ref names
                self.reset(draft.candidate.commit)
                return draft.candidate.commit
        self.reset(draft.candidate.commit)
        return draft.candidate.commit

    def hash_files(self, paths: Sequence[str]) -> DerivedFiles:
        """Keeps the files as git would add them (with clean filters) beside the draft and gives their blobs; a missing file is a deletion.

        Raises:
            AttemptFailed: one of them is no file.
        """
        with self._held(self._memory.laid.commit) as (git, _):
            tree = self.trees.at(self._memory.laid.commit)
            changes = changes_on_disk(self.place, paths, partial(self._scratch(git).converted, tree, self.place))
            return keep_made(self.repository, tree, changes, draft_ref(self.place))

    def ignored(self, commit: str, paths: Sequence[str]) -> frozenset[str]:
        """The paths that git ignores in ``commit``, by the commit's rules and the user's."""
        with self._held(commit) as (git, _):
            return self._scratch(git).ignored(self.trees.at(commit), paths)

    def prepare_directories(self, entries: Sequence[str]) -> None:
        """Makes the directories that scope entries name, so that commands find them; a ``reset`` takes empty ones away again."""
        make_directories(self.place, entries)

    def remove(self) -> None:
        """Removes the work tree, what is kept of it, what the repository knew of it, and its draft."""
        unregister(self.repository, self.place)
        forget_draft(self.repository, self.place)
        for name in ("kept", "bin", "scratch", "guard"):
            remove_tree(self._beside(name))
        if self.place.parent.is_dir() and not any(self.place.parent.iterdir()):
            self.place.parent.rmdir()

    @property
    def notes(self) -> Path:
        """A folder for notes on these very files; it lives exactly as long as the work tree's registration."""
        return Registration(self.repository.common_dir, self.place).admin

    def _beside(self, name: str) -> Path:
        """The folder that no command of the plan reaches, on the same disk."""
        return self.place.parent / f".{self.place.name}.{name}"

    @cached_property
    def _store(self) -> SnapshotStore:
        linked = tuple(path.strip("/") for path in self.linked)

        def source_of(path: str) -> Path | None:
            is_linked = any(path == name or path.startswith(f"{name}/") for name in linked)
            return self.repository.top / path if is_linked else None

        return SnapshotStore(self._beside("kept"), source_of)

    @property
    def _states(self) -> tuple[Snapshot, ...]:
        if self._memory.states is None:
            self._memory.states = self._store.read()
        return self._memory.states

    def _remember(self, states: tuple[Snapshot, ...]) -> None:
        with disk_trouble(self.place):
            self._store.write(states)
        self._memory.states = states

    @cached_property
    def _filters(self) -> Filters:
        return Filters.of(self.repository.git, self.repository.common_dir)

    def _scratch(self, git: Git) -> Scratch:
        return Scratch(self.repository, git, self._beside("scratch"), self._filters, self.run_inside)

    @contextmanager
    def _held(self, commit: str) -> Iterator[tuple[Git, Registration]]:
        """Holds the slot's lock, so that a git of a killed owner ends first; makes the tree again if it is gone."""
        patience = self.repository.git.patience
        known = Registration(self.repository.common_dir, self.place)
        with disk_trouble(self.place):
            known.open_up()
        if not known.is_sound():
            known = register(self.repository, self.place, commit)
            self._memory.laid = LaidFiles()
        with exclusive(self._beside("guard"), wait_s=patience.wait_s, sleep=patience.sleep) as descriptor, disk_trouble(self.place):
            known.restore_pointer()
            scrub(known)
            yield git_of(self.repository.git, known, self.place.parent.name).holding(descriptor), known

    def _bring(self, git: Git, known: Registration, commit: str) -> None:
        memory = self._memory
        laid = memory.laid
        if not laid.commit:
            self._know_what_was_kept()
        seen, memory.seen = memory.seen, None
        found = differences(self.place, laid, _POINTER) if seen is None else seen
        with ThreadPoolExecutor(max_workers=1) as beside:  # it touches nothing of what the others do
            moved = beside.submit(move_head, git, known, commit)
            scratch = self._scratch(git)
            if found or laid.commit != commit or laid.kept != self.kept.number:
                tree = self.trees.at(commit)
                root = self._root_of(_TREE, self.place, partial(scratch.checked_out, tree))
                bring(laid, found, target_of(tree, self.kept.of(_TREE)), replace(root, without=_POINTER))
                laid.commit, laid.kept = commit, self.kept.number
            if self.home is not None:
                self._bring_home(self.home, partial(scratch.checked_out, self.trees.at(commit)))
            publish_index(known, self.trees.at(laid.commit), laid)
            moved.result()
        self._wait_a_tick()

    def _know_what_was_kept(self) -> None:
        """Reads the tree in a new process. A file with its old time of change is unchanged and need not be restored."""
        for name, _, laid, _ in self._roots():
            if not laid.kept:
                laid.stands_on(self.kept.of(name), self.kept.number)

    def _bring_home(self, home: Path, checked_out: CheckedOut) -> None:
        laid = self._memory.home
        found = differences(home, laid, frozenset())
        if found or laid.kept != self.kept.number:
            target = Target({}, frozenset(), self.kept.of(_HOME), {})
            bring(laid, found, target, self._root_of(_HOME, home, checked_out))
            laid.kept = self.kept.number

    def _root_of(self, name: str, root: Path, checked_out: CheckedOut) -> RestoredFolder:
        return RestoredFolder(root, self._beside("bin"), partial(self._store.put_back, self.kept, name), checked_out)

    def _roots(self) -> tuple[tuple[str, Path, LaidFiles, frozenset[str]], ...]:
        """The folders that commands may write and that are kept: name, folder, what is known of it, paths that other code restores."""
        own = (_TREE, self.place, self._memory.laid, _POINTER)
        return (own,) if self.home is None else (own, (_HOME, self.home, self._memory.home, frozenset()))

    def _wait_a_tick(self) -> None:
        """Waits until a write would show in a file's time of change: some kernels' clock for it ticks a hundred times a second."""
        guard, sleep = self._beside("guard"), self.repository.git.patience.sleep
        os.utime(guard)
        newest_ns = max(laid.newest_ns for _, _, laid, _ in self._roots())
        while guard.stat().st_ctime_ns <= newest_ns:
            sleep(_TICK_S)
            os.utime(guard)
