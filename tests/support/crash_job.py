"""What every trial does: a plan of two phases in a repository where a person has unfinished work of every kind lying about."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.support.repos import git, make_repo, write_files

ROOT: Final = Path(__file__).resolve().parents[2]
PHASES: Final = ("one", "two")
BRANCH: Final = "autopack/{run}"
CHECK: Final = """\
set -e
mkdir -p build
cp app.txt build/app.part
mv build/app.part build/app.txt
sleep 0.15
grep -q -e one -e two -e three build/app.txt
"""
FILES: Final = {
    "app.txt": "one\n",
    "old.txt": "old\n",
    "docs/notes.txt": "notes\n",
    "check.sh": CHECK,
    "setup.sh": "mkdir -p .tools && echo ready > .tools/ready\n",
    ".gitignore": "build/\n.tools/\n*.log\n",
    "mine.txt": "mine\n",
    "staged.txt": "staged\n",
}
PASSED: Final = ("LD_PRELOAD", "CRASH_CONTROL", "SWEEP_TAG")


def make_template(folder: Path) -> Path:
    """The repository that every trial gets a copy of, and the plan beside it."""
    repo = make_repo(folder / "shop", FILES)
    (repo / "app.txt").write_text("stashed\n", "utf-8")
    git(repo, "stash", "push", "-q", "-m", "later")
    git(repo, "switch", "-q", "-c", "work")
    write_files(repo, {"staged.txt": "staged, not committed\n", "new.txt": "new, staged\n"})
    git(repo, "add", "staged.txt", "new.txt")
    write_files(repo, {"mine.txt": "changed, not staged\n", "untracked.txt": "untracked\n", "debug.log": "ignored\n"})
    write_files(repo, {"autopack.yaml": json.dumps(_plan(), indent=1) + "\n"})
    for number in range(256):  # which of them git has to make depends on the ids of commits, and with it the number of every later call
        (repo / f".git/objects/{number:02x}").mkdir(exist_ok=True)
    return repo


def lay_out(template: Path, folder: Path) -> Path:
    """A trial's own copy, a home and a configuration; gives the repository."""
    shutil.copytree(template, folder / "shop", symlinks=True)
    for name in ("home", "tmp", "state", "config/autopack"):
        (folder / name).mkdir(parents=True)
    # The sandbox mounts an allow-list, in which the shim's control file is not: the checks run without it.
    (folder / "config/autopack/settings.yaml").write_text("sandbox: 'off'\nchecks: {kill_grace_s: 0.2}\n", "utf-8")
    return folder / "shop"


def environment_of(folder: Path, base_url: str) -> dict[str, str]:
    """A user's shell whose every place lies in the trial."""
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder / "home"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "ANTHROPIC_API_KEY": "k-test",
        "ANTHROPIC_BASE_URL": base_url,
        "SWEEP_TAG": str(folder),
    }


def injured(environment: Mapping[str, str], library: Path, control: Path) -> dict[str, str]:
    """The same shell with the shim in every process that is started from it."""
    return {**environment, "LD_PRELOAD": str(library), "CRASH_CONTROL": str(control), "AUTOPACK_TEST_PASS": ",".join(PASSED)}


def _plan() -> dict[str, object]:
    checks = {"one": "sh check.sh && ! grep -q wrong app.txt", "two": "sh check.sh"}
    phases: list[dict[str, object]] = [
        {
            "id": name,
            "description": f"Make the change {name}.",
            "scope": {"paths": ["app.txt", "docs/", "old.txt"]},
            "allow_mass_deletion": True,
            "ci": {"command": checks[name], "tests": "none", "timeout_s": 60},
        }
        for name in PHASES
    ]
    phases[-1]["derive"] = [{"command": "cp docs/two.txt docs/copy.txt", "when": ["docs/two.txt"], "writes": ["docs/copy.txt"]}]
    return {
        "version": 1,
        "project": "shop",
        "goal": "The app says three.",
        "workspace": {"setup": "sh setup.sh"},
        "defaults": {"complexity": "low"},
        "phases": phases,
    }
