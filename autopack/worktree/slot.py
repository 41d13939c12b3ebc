"""A run's work tree: brought to a commit exactly, looked at for what a command wrote, made again when it is gone."""

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autopack.core.candidate import DerivedFiles
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.scope import Scope
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.candidate import Content, Stamp, make_candidate
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.git import Git, GitError, as_bytes, as_text, split_z
from autopack.worktree.guard import exclusive
from autopack.worktree.message import CommitText
from autopack.worktree.own_locks import OwnLocks
from autopack.worktree.registration import Registration, register, remove_tree, unregister
from autopack.worktree.repository import Identity, Repository
from autopack.worktree.slot_files import hash_files, make_directories

CHECKOUT_TIMEOUT_S: Final = 1800.0
_INDEX: Final = "autopack-index"  # the truth about the files; a command of the plan may do to git's own index what it likes
_MARK: Final = "autopack-at"
_CONFIG: Final = ("core.autocrlf=false", "core.eol=lf", "core.safecrlf=false", "core.sparseCheckout=false", "core.fsync=committed")
_HALF_DONE: Final = re.compile(r"MERGE_.*|CHERRY_PICK_HEAD|REVERT_HEAD|AUTO_MERGE|BISECT_.*|rebase-.*|sequencer|.*\.lock", re.DOTALL)
_FOUND_OR_NOT: Final = (0, 1)
_DRAFTER: Final = Identity("Autopack", "autopack@localhost")


@dataclass(frozen=True)
class WorkTree:
    """``linked`` are the paths of ``workspace.link``: kept by ``reset``, never reported, whatever git ignores."""

    repository: Repository
    place: Path
    linked: tuple[str, ...] = ()

    @classmethod
    def open_or_make(cls, repository: Repository, place: Path, commit: str, *, linked: Sequence[str] = ()) -> "WorkTree":
        """The work tree at ``place`` (``<...>/<run-id>/<slot>``), with exactly the files of ``commit``.

        Stale lock files below the work tree's own administrative directory are removed.

        Raises:
            EnvironmentBlockedError: the place lies in a repository, or cannot be written.
        """
        work_tree = cls(repository, place.parent.resolve() / place.name, tuple(linked))
        work_tree.reset(commit)
        return work_tree

    def reset(self, commit: str) -> None:
        """Makes the files those of ``commit``: tracked ones exactly, what git does not ignore removed, ignored ones kept.

        May be killed at any instant and called again. Submodules stay as they are.
        """
        with self._held(commit) as (git, known):
            if _read(known.admin / _MARK) == commit and _detached_head(known) == commit and not self._differences(git, known):
                _publish_index(known)
                return
            remove_tree(known.admin / _MARK)
            self._check_out(git, known, commit)
            _publish_index(known)
            (known.admin / _MARK).write_text(commit, "ascii")

    def written_since(self, commit: str) -> tuple[str, ...]:
        """Paths that differ from ``commit``: tracked ones that changed or went, and new ones that git does not ignore.

        A new directory that is a repository of its own ends in ``/``.
        """
        with self._held(commit) as (git, known):
            if _read(known.admin / _MARK) != commit:
                remove_tree(known.admin / _MARK)
                git.run("read-tree", "--reset", commit, extra=_own_index(known))
            return tuple(sorted(self._differences(git, known)))

    def write(self, base: BaseTree, content: Content) -> str:
        """Puts accepted files on disk for derive steps, as a checkout would, and gives the draft commit that holds them.

        What a derive step writes is then what differs from the draft: ``written_since(draft)``.
        """
        ref = f"refs/autopack/{self.place.parent.name}/_draft/{self.place.name}"
        stamp = Stamp(CommitText("Draft"), _DRAFTER, 0, ref)
        draft = make_candidate(self.repository, base, replace(content, derived=DerivedFiles()), stamp, allow_empty=True)
        self.reset(draft.candidate.commit)
        return draft.candidate.commit

    def hash_files(self, paths: Sequence[str]) -> DerivedFiles:
        """Stores the files as git would add them (with clean filters) and gives their blobs; a missing file is a deletion.

        Raises:
            AttemptFailed: one of them is no file.
        """
        known = Registration(self.repository.common_dir, self.place)
        return hash_files(self._git(known), self.place, paths)

    def ignored(self, commit: str, paths: Sequence[str]) -> frozenset[str]:
        """Those of the paths that git ignores in ``commit``, by its own files and the user's."""
        self.reset(commit)
        known = Registration(self.repository.common_dir, self.place)
        names = b"".join(as_bytes(path) + b"\0" for path in paths)
        words, extra = ("check-ignore", "-z", "--no-index", "--stdin"), {"GIT_LITERAL_PATHSPECS": "0"}  # which this command does not know
        outcome = self._git(known).attempt(*words, stdin=names, extra=extra)
        if outcome.exit_code not in _FOUND_OR_NOT:
            raise GitError(words, outcome.exit_code, outcome.stderr)
        return frozenset(split_z(outcome.stdout))

    def prepare_directories(self, entries: Sequence[str]) -> None:
        """Makes the directories that scope entries name, so that commands find them; a ``reset`` may take empty ones away again."""
        make_directories(self.place, entries)

    def remove(self) -> None:
        """Removes the work tree, what the repository knew of it, and its draft."""
        unregister(self.repository, self.place)
        self._forget_draft()
        self._lock_file.unlink(missing_ok=True)
        if self.place.parent.is_dir() and not any(self.place.parent.iterdir()):
            self.place.parent.rmdir()

    def _forget_draft(self) -> None:
        """Without ``update-ref -d`` where it can be: killed, that leaves ``packed-refs.lock``, which stops the user's own git too."""
        name = f"refs/autopack/{self.place.parent.name}/_draft/{self.place.name}"
        loose = self.repository.common_dir / name
        loose.unlink(missing_ok=True)
        with suppress(OSError):  # other slots have drafts of their own
            loose.parent.rmdir()
        if self.repository.git.attempt("rev-parse", "--verify", "--quiet", name).exit_code == 0:
            self.repository.git.run("update-ref", "-d", name)

    @property
    def notes(self) -> Path:
        """A folder that lives exactly as long as the work tree's registration: for what holds of these very files."""
        return Registration(self.repository.common_dir, self.place).admin

    @property
    def _lock_file(self) -> Path:
        return self.place.parent / f".{self.place.name}.guard"

    @contextmanager
    def _held(self, commit: str) -> Iterator[tuple[Git, Registration]]:
        """Holds the slot, so that a git which outlived a killed owner ends first, and makes it again if it is gone."""
        patience = self.repository.git.patience
        known = Registration(self.repository.common_dir, self.place)
        if not known.is_sound():
            known = register(self.repository, self.place, commit)
        with exclusive(self._lock_file, wait_s=patience.wait_s, sleep=patience.sleep) as descriptor, disk_trouble(self.place):
            known.restore_pointer()
            _scrub(known)
            yield self._git(known).holding(descriptor), known

    def _git(self, known: Registration) -> Git:
        locks = OwnLocks(known.common_dir, self.place.parent.name, "")
        git = self.repository.git
        patience = replace(git.patience, is_own=locks.owns)
        return Git(self.place, git.environment, known.admin, self.place, (*git.config, *_CONFIG), git.held, patience)

    def _differences(self, git: Git, known: Registration) -> list[str]:
        form = ("--porcelain", "-z", "--no-renames", "--untracked-files=all")
        refreshing = {**_own_index(known), "GIT_OPTIONAL_LOCKS": "1"}  # what is found unchanged is noted, and not read again
        rows = split_z(git.run("status", *form, extra=refreshing, timeout_s=CHECKOUT_TIMEOUT_S))
        changed = (row[3:] for row in rows if row[1] != " ")
        linked = Scope(self.linked)
        return [path for path in changed if not linked.allows(path.rstrip("/"))]

    def _check_out(self, git: Git, known: Registration, commit: str) -> None:
        with ThreadPoolExecutor(max_workers=1) as beside:  # it touches nothing of what the others do
            moved = beside.submit(_move_head, git, known, commit)
            self._lay_out(git, known, commit)
            self._clean(git, known)
            moved.result()

    def _lay_out(self, git: Git, known: Registration, commit: str) -> None:
        read_tree = ("read-tree", "--reset", "-u", "--no-recurse-submodules", commit)
        try:
            git.run(*read_tree, extra=_own_index(known), timeout_s=CHECKOUT_TIMEOUT_S)
        except GitError:  # an index cut short by a power cut
            remove_tree(known.admin / _INDEX)
            outcome = git.attempt(*read_tree, extra=_own_index(known), timeout_s=CHECKOUT_TIMEOUT_S)
            if outcome.exit_code != 0:
                raise EnvironmentBlockedError(
                    f"git could not check out {commit} in {self.place}: {outcome.stderr.strip()}. Try git checkout there, then resume."
                ) from None

    def _clean(self, git: Git, known: Registration) -> None:
        kept = [word for path in self.linked for word in ("-e", "/" + _escaped(path))]
        outcome = git.attempt("clean", "-ffdq", *kept, extra=_own_index(known), timeout_s=CHECKOUT_TIMEOUT_S)
        if outcome.exit_code != 0:  # a command took the write permission away
            for path in self._differences(git, known):
                remove_tree(self.place / path)
            git.run("clean", "-ffdq", *kept, extra=_own_index(known), timeout_s=CHECKOUT_TIMEOUT_S)


def _own_index(known: Registration) -> dict[str, str]:
    return {"GIT_INDEX_FILE": str(known.admin / _INDEX)}


def _move_head(git: Git, known: Registration, commit: str) -> None:
    if _detached_head(known) != commit:
        git.run("update-ref", "--no-deref", "HEAD", commit)


def _detached_head(known: Registration) -> str:
    return _read(known.admin / "HEAD").strip()


def _scrub(known: Registration) -> None:
    """Ends merges and the like that a command of the plan left half done, and removes locks of gits that are dead."""
    for name in os.listdir(known.admin):  # noqa: PTH208 - names are all it takes, twice a check
        if _HALF_DONE.fullmatch(name):
            remove_tree(known.admin / name)


def _publish_index(known: Registration) -> None:
    """Gives the commands of the plan an index of their own that fits the files."""
    copy = known.admin / "autopack-index-copy"
    copy.write_bytes((known.admin / _INDEX).read_bytes())
    copy.replace(known.admin / "index")


def _escaped(path: str) -> str:
    return "".join(f"\\{character}" if character in "\\*?[! #" else character for character in path.strip("/"))


def _read(file: Path) -> str:
    try:
        return as_text(file.read_bytes())
    except OSError:
        return ""
