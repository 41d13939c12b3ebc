"""Real commands in a folder of their own, for the tests of the room ``checks``."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autopack.checks.commands.baseline import Baselines
from autopack.checks.commands.check import CheckSite, Tree
from autopack.checks.commands.command_context import CommandContext
from autopack.checks.commands.environment import EnvironmentSources, build_environment
from autopack.checks.processes.command import CommandSpec
from autopack.core.settings import CheckLimits

PATH = os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"))
LIMITS = CheckLimits(kill_grace_s=0.5)


def command_spec(command, folder: Path, **changes) -> CommandSpec:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    environment = {"PATH": PATH, "AUTOPACK_OUT": str(out), **changes.pop("environment", {})}
    return CommandSpec(command, folder, environment, **{"timeout_s": 30, "limits": LIMITS, **changes})


def place(root: Path, **changes) -> CommandContext:
    """The root is the work tree, ``<root>-out`` the folder beside it."""
    literal = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **changes.pop("env", {})}
    environment = build_environment(EnvironmentSources({"PATH": PATH}, "run-1"), phase="p1", env=literal)
    return CommandContext(
        **{"root": root, "out": root.parent / f"{root.name}-out", "environment": environment, "limits": LIMITS, **changes}
    )


def is_running(pid: int) -> bool:
    """Whether the process lives; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def read_pid(file: Path, patience_s: float = 5) -> int:
    """The number that a process writes into a file once it runs."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.01)
    raise AssertionError(f"nobody wrote {file}")


class Trees:
    """Commits as folders of text: ``at`` lays one out in the one work tree, files that no commit has stay."""

    def __init__(self, folder: Path, **commits: dict[str, str]) -> None:
        self.root = folder / "tree"
        self.root.mkdir(parents=True)
        self.commits = commits
        self.entered: list[str] = []
        self.known = {}

    @contextmanager
    def at(self, commit: str) -> Iterator[Path]:
        self.entered.append(commit)
        for name in {name for files in self.commits.values() for name in files}:
            (self.root / name).unlink(missing_ok=True)
        for name, text in self.commits[commit].items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)
        yield self.root

    def site(self, **changes) -> CheckSite:
        here = place(self.root, **changes.pop("place", {}))
        return CheckSite(here, self.at, Baselines(self.known.get, self.known.__setitem__, here.environment), **changes)

    @staticmethod
    def tree(commit: str) -> Tree:
        return Tree(commit, f"tree-of-{commit}")
