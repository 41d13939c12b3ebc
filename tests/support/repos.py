"""Real git repositories for tests: an identity of their own, deterministic dates, nothing of the user's git configuration."""

import atexit
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

DATE: Final = "2024-01-01T00:00:00Z"
NAME: Final = "A. User"
EMAIL: Final = "user@example.org"
NO_SAMPLES: Final = "--template="
"""A dozen samples of hooks are half the files of a small repository."""


def make_repo(path: Path, files: Mapping[str, str | bytes], *, executable: Collection[str] = ()) -> Path:
    """A repository at `path` whose branch `main` holds `files` in one commit, made the same way every time: same files, same commit id."""
    template = _template(tuple(files.items()), tuple(executable))
    return Path(shutil.copytree(template, path, symlinks=True, dirs_exist_ok=True))


@functools.cache
def _template(files: tuple[tuple[str, str | bytes], ...], executable: tuple[str, ...]) -> Path:
    """Made once for this process: a copy costs a twentieth of the nine starts of git."""
    folder = tempfile.TemporaryDirectory(prefix="autopack-template-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "repository"
    path.mkdir()
    git(path, "init", "-q", "-b", "main", NO_SAMPLES)
    (path / ".git" / "hooks").mkdir()
    for key, value in (("user.name", NAME), ("user.email", EMAIL), ("core.autocrlf", "false"), ("commit.gpgsign", "false")):
        git(path, "config", key, value)
    commit_files(path, dict(files), "base", executable=executable)
    return path


def commit_files(repo: Path, files: Mapping[str, str | bytes | None], message: str, *, executable: Collection[str] = ()) -> str:
    """Write `files` (None deletes) and commit exactly these; the new commit's id."""
    write_files(repo, files)
    for name in executable:
        (repo / name).chmod(0o755)
    if files:
        git(repo, "add", "-A", "-f", "--", *files)
    git(repo, "commit", "-q", "--allow-empty", "-m", message)
    return git(repo, "rev-parse", "HEAD").strip()


def write_files(root: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write each text as UTF-8 with its line ends as they are; None deletes the file."""
    for name, content in files.items():
        target = root / name
        if content is None:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def tree(repo: Path, ref: str = "HEAD") -> dict[str, tuple[str, bytes]]:
    """Every file of a commit: its path to (mode, bytes)."""
    entries = {}
    for line in git(repo, "ls-tree", "-r", "-z", ref).split("\0")[:-1]:
        meta, name = line.split("\t", 1)
        mode, _, blob = meta.split(" ")
        entries[name] = (mode, _run(repo, "cat-file", "blob", blob))
    return entries


def git(repo: Path, *arguments: str) -> str:
    """What git said; a failure raises with git's own words in its text."""
    return _run(repo, *arguments).decode("utf-8", "surrogateescape")


def _run(repo: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=repo, env=_environment(), capture_output=True, check=False)
    if done.returncode:
        message = f"git {' '.join(arguments)} failed with {done.returncode} in {repo}: {done.stderr.decode('utf-8', 'replace').strip()}"
        raise AssertionError(message)
    return done.stdout


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    fixed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}
    return inherited | fixed
