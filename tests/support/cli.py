"""The real command line: in this process where only words matter, as a process of its own where pipes and terminals do."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from autopack.cli.app import main

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "autopack")


def cli_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The process's own without anything that colours, keys or moves the state."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "PYTHONIOENCODING", "PYTHONUTF8")
    own = {name: value for name, value in os.environ.items() if name not in left_out and not name.startswith("AUTOPACK_")}
    return {**own, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **(extra or {})}


def typed(*words: str | Path) -> int:
    """Runs one command in this process, where the shell stands; its exit code."""
    return main([str(word) for word in words])


def autopack(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end, in a process of its own."""
    command = [*COMMAND, *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=cli_environment(env), capture_output=True, encoding="utf-8", timeout=60, check=False)
