"""Deletes the refs that a run keeps below ``refs/autopack/``.

A git that is killed while it deletes a ref leaves ``packed-refs.lock`` behind, which stops the user's own git too. So refs that stand in
files of their own are unlinked; git deletes the others.
"""

from contextlib import suppress
from pathlib import Path

from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.own_locks import OwnLocks
from autopack.worktree.repository import Repository


def delete_refs(repository: Repository, run: str, branch: str) -> None:
    """For the holder of the run's lock. Killed anywhere, the rest goes the next time."""
    place = f"refs/autopack/{run}"
    with repository.owned_by(run, branch).guarded() as git:
        OwnLocks(repository.common_dir, run, branch).clear()
        names = [name for name in git.line("for-each-ref", "--format=%(refname)", f"{place}/").split("\n") if name]
        packed = _packed(repository.common_dir)
        with disk_trouble(repository.common_dir / place):
            for name in names:
                if name not in packed:
                    (repository.common_dir / name).unlink(missing_ok=True)
            _remove_empty(repository.common_dir / place)
        left = [name for name in names if name in packed or not _is_by_files(repository.common_dir)]
        if left:
            git.run("update-ref", "--stdin", stdin="".join(f"delete {name}\n" for name in left).encode())


def _is_by_files(common_dir: Path) -> bool:
    return not (common_dir / "reftable").is_dir()


def _packed(common_dir: Path) -> frozenset[str]:
    """The names that git keeps in its one file of many refs."""
    with suppress(FileNotFoundError):
        text = (common_dir / "packed-refs").read_bytes().decode("utf-8", "surrogateescape")
        return frozenset(line.partition(" ")[2] for line in text.split("\n") if line[:1] not in ("#", "^"))
    return frozenset()


def _remove_empty(folder: Path) -> None:
    """A folder in which something stands stays."""
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):
            path.rmdir()
    with suppress(OSError):
        folder.rmdir()
