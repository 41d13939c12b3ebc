"""A throw-away git repository for tests, cut off from the machine's own git configuration."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autopack.worktree.git import Patience
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree import WorkTree
from tests.support.repos import NO_SAMPLES


@dataclass(frozen=True)
class ToyRepository:
    root: Path
    environment: dict[str, str]

    def git(self, *arguments: str, cwd: Path | None = None, stdin: bytes | None = None, **extra: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.root, env={**self.environment, **extra}, input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def write(self, files: dict[str, str | bytes]) -> None:
        for path, content in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files: dict[str, str | bytes], message: str = "change") -> str:
        self.write(files)
        self.git("add", "--", *files)
        self.git("-c", "commit.gpgsign=false", "commit", "-q", "--no-verify", "-m", message)
        return self.git("rev-parse", "HEAD")

    def show(self, commit: str, path: str) -> bytes:
        done = subprocess.run(
            ["git", "cat-file", "blob", f"{commit}:{path}"], cwd=self.root, env=self.environment, capture_output=True, check=True
        )
        return done.stdout

    def paths(self, commit: str) -> list[str]:
        return sorted(self.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")[:-1])


def work_tree_at(repository: Repository, place: Path, commit: str, linked: Sequence[str] = ()) -> WorkTree:
    """As a run has it: registered, and brought to the commit."""
    work_tree = WorkTree.registered(repository, place, commit, linked=linked)
    work_tree.reset(commit)
    return work_tree


def impatient(repository: Repository) -> Repository:
    """The same repository for somebody who waits for locks hardly at all."""
    return replace(repository, git=replace(repository.git, patience=Patience(sleep=lambda _: None, wait_s=0.1)))


def toy_environment(home: Path) -> dict[str, str]:
    """What a user's shell has, with a home of its own: git reads no other configuration."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Ann Example\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n")
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "GIT_CONFIG_NOSYSTEM": "1"}


def toy_repository(directory: Path, *init: str) -> ToyRepository:
    """A repository at ``directory/repo`` with one commit of two files; the home lies beside it."""
    shutil.copytree(_template(init), directory / "repo", symlinks=True)
    return ToyRepository(directory / "repo", toy_environment(directory / "home"))


@functools.cache
def _template(init: tuple[str, ...]) -> Path:
    """Made once for this process."""
    folder = tempfile.TemporaryDirectory(prefix="autopack-template-")
    atexit.register(folder.cleanup)
    repository = ToyRepository(Path(folder.name) / "repo", toy_environment(Path(folder.name) / "home"))
    repository.root.mkdir()
    repository.git("init", "-q", NO_SAMPLES, *init)
    (repository.root / ".git" / "hooks").mkdir()
    repository.commit({"a.py": "a = 1\n", "src/b.py": "b = 1\n"}, "first")
    return repository.root
