"""What trials do: a plan of two phases in a repository where a person has unfinished work of every kind lying about."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.repos import git, make_repo, write_files

ROOT: Final = Path(__file__).resolve().parents[2]
CHECK: Final = """\
set -e
mkdir -p build
cp app.txt build/app.part
mv build/app.part build/app.txt
sleep 0.15
grep -q -e one -e two -e three build/app.txt
"""
TAP: Final = """\
seen=$SWEEP_TAG/tmp/$(printf 's%07d' $PPID)
echo 1..2
echo ok 1 steady
if grep -q three app.txt && [ ! -e "$seen" ]; then touch "$seen"; echo not ok 2 coin; exit 1; fi
echo ok 2 coin
"""
"""A test that fails on new code the first time that a start runs it, and not again. The mark is called as Python's own files of trial are."""
FILES: Final = {
    "app.txt": "one\n",
    "old.txt": "old\n",
    "docs/notes.txt": "notes\n",
    "check.sh": CHECK,
    "tap.sh": TAP,
    "setup.sh": "mkdir -p .tools && echo ready > .tools/ready\n",
    ".gitignore": "build/\n.tools/\n*.log\n",
    "mine.txt": "mine\n",
    "staged.txt": "staged\n",
}
PASSED: Final = ("LD_PRELOAD", "CRASH_CONTROL", "SWEEP_TAG")


def make_template(folder: Path, job: "Job") -> Path:
    """The repository that every trial gets a copy of, and the plan beside it."""
    folder.mkdir(exist_ok=True)
    repo = make_repo(folder / "shop", FILES)
    (repo / "app.txt").write_text("stashed\n", "utf-8")
    git(repo, "stash", "push", "-q", "-m", "later")
    git(repo, "switch", "-q", "-c", "work")
    write_files(repo, {"staged.txt": "staged, not committed\n", "new.txt": "new, staged\n"})
    git(repo, "add", "staged.txt", "new.txt")
    write_files(repo, {"mine.txt": "changed, not staged\n", "untracked.txt": "untracked\n", "debug.log": "ignored\n"})
    write_files(repo, {"autopack.yaml": job.plan})
    for number in range(256):  # which of them git has to make depends on the ids of commits, and with it the number of every later call
        (repo / f".git/objects/{number:02x}").mkdir(exist_ok=True)
    return repo


def lay_out(template: Path, folder: Path, job: "Job") -> Path:
    """A trial's own copy, a home and a configuration; gives the repository."""
    shutil.copytree(template, folder / "shop", symlinks=True)
    for name in ("home", "tmp", "state", "config/autopack"):
        (folder / name).mkdir(parents=True)
    # The sandbox mounts an allow-list, in which the shim's control file is not: the checks run without it.
    (folder / "config/autopack/settings.yaml").write_text("sandbox: 'off'\nchecks: {kill_grace_s: 0.2}\n", "utf-8")
    (folder / "config/autopack/models.yaml").write_text(job.models, "utf-8")
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


def _plan(phases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "version": 1,
        "project": "shop",
        "goal": "The app says three.",
        "workspace": {"setup": "sh setup.sh"},
        "defaults": {"complexity": "low"},
        "phases": list(phases),
    }


def _phase(name: str, command: str, **keys: object) -> dict[str, Any]:
    return {
        "id": name,
        "description": f"Make the change {name}.",
        "scope": {"paths": ["app.txt", "docs/", "old.txt"]},
        "allow_mass_deletion": True,
        "ci": {"command": command, "tests": "none", "timeout_s": 60},
        **keys,
    }


_DERIVE: Final = {"command": "cp docs/two.txt docs/copy.txt", "when": ["docs/two.txt"], "writes": ["docs/copy.txt"]}
_NOT_WRONG: Final = "sh check.sh && ! grep -q wrong app.txt"
_TAP_CHECK: Final = {"command": ["sh", "tap.sh"], "results": {"format": "tap"}, "timeout_s": 60}
_IMPATIENT: Final = """\
retries: {times: 1, first_wait_s: 0.01, max_wait_s: 0.2}
complexity_escalation: {thresholds: {low_to_medium: 1, medium_to_high: 1}}
doctor: {allow_execute_fix_global: true}
"""


@dataclass(frozen=True)
class Job:
    """A plan, and the user's models.yaml."""

    phases: tuple[Mapping[str, Any], ...]
    models: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(phase["id"] for phase in self.phases)

    @property
    def plan(self) -> str:
        return json.dumps(_plan(self.phases), indent=1) + "\n"


EASY: Final = Job((_phase("one", _NOT_WRONG), _phase("two", "sh check.sh", derive=[_DERIVE])))
"""The first phase needs two attempts."""
HARD: Final = Job((_phase("stubborn", _NOT_WRONG, explore="on"), _phase("flaky", "", ci=_TAP_CHECK)), _IMPATIENT)
"""The first phase goes through a round of looking, replan, escalation, doctor and its commands; the second through a wait and a flaky test."""
