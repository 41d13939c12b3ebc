"""An npm workspace of two packages with a plan of three phases: a change, a dependency that a tool locks, and a use of both.

`build` makes the repository and the plan; `npm_files.PHASES` are the builder's replies (for `tests.support.oracle`); `frozen_install` judges the result.
The lock file that the second phase needs is nobody's reply: only its `derive` step can write it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.npm_files import BASE, CHECK, DEPENDENCY, LOCK, RESULTS, VERSION
from tests.support.repos import git, make_repo

SETUP: Final = "npm ci"
DERIVE: Final = "npm install --package-lock-only"
REGISTRY_NAMES: Final = frozenset({"https_proxy", "http_proxy", "no_proxy", "node_extra_ca_certs", "ssl_cert_file"})


@dataclass(frozen=True)
class NpmCase:
    repo: Path
    plan: Path


def missing_tools() -> list[str]:
    """The programs of this case that the machine lacks."""
    return [name for name in ("node", "npm", "git") if shutil.which(name) is None]


def registry_names(environment: Mapping[str, str]) -> list[str]:
    """The variables of `environment` with which npm finds and trusts its registry, for the plan's `env_from`; often none."""
    return sorted(name for name in environment if name.lower() in REGISTRY_NAMES or name.lower().startswith("npm_config_"))


def registry_answers(directory: Path) -> bool:
    """Whether the dependency can be had from here; without it the case cannot be run."""
    return run(f"npm view {DEPENDENCY}@{VERSION} version", directory, timeout_s=60).stdout.strip() == VERSION


def build(directory: Path, *, env_from: Sequence[str] = ()) -> NpmCase:
    """The repository `directory/repo` and the plan `directory/plan.yaml`; `env_from`: what npm needs here to reach its registry."""
    repo = make_repo(directory / "repo", BASE)
    plan = directory / "plan.yaml"
    plan.write_text(json.dumps(plan_of(env_from), indent=1) + "\n", encoding="utf-8")
    return NpmCase(repo, plan)


def plan_of(env_from: Sequence[str] = ()) -> dict[str, Any]:
    network = {"network": True, "timeout_s": 300, "env_from": list(env_from)}
    check = {"command": CHECK, "timeout_s": 120, "tests": "required", "results": {"format": "junit", "path": RESULTS}}
    return {
        "version": 1,
        "project": "npm-workspace",
        "goal": "Prices are formatted in one place, and what is no number is refused.",
        "workspace": {"setup": [{"command": SETUP, "again_when": [LOCK], **network}]},
        "defaults": {"complexity": "low", "task_category": "feature", "ci": check},
        "phases": [
            {
                "id": "b-formats",
                "description": "Package b formats an amount of cents with a currency sign, also below zero.",
                "acceptance_criteria": ["-5 cents are -0.05", "the sign stands after the minus"],
                "scope": {"paths": ["packages/b/"]},
            },
            {
                "id": "a-refuses",
                "description": f"Package a refuses what {DEPENDENCY} does not call a number.",
                "acceptance_criteria": [f"{DEPENDENCY} is a dependency of package a", "'x' is a TypeError"],
                "scope": {"paths": ["packages/a/"]},
                "derive": [{"command": DERIVE, "when": ["**/package.json"], "writes": [LOCK], **network}],
            },
            {
                "id": "a-totals",
                "description": "Package a gives the formatted total of a list of prices.",
                "acceptance_criteria": ["the total of 100 and 23 is €1.23"],
                "scope": {"paths": ["packages/a/", "README.md"], "read_only_context": ["packages/b/index.js"]},
            },
        ],
    }


def setup(root: Path) -> "subprocess.CompletedProcess[str]":
    """The plan's set-up, by hand; `frozen_install` and the case's own test use it."""
    return run(SETUP, root)


def check(root: Path) -> "subprocess.CompletedProcess[str]":
    return run(CHECK, root)


def derive(root: Path) -> "subprocess.CompletedProcess[str]":
    return run(DERIVE, root)


def run(command: str, root: Path, timeout_s: float = 300) -> "subprocess.CompletedProcess[str]":
    # a `node --test` inside another test run must not report to it
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NODE_TEST")}
    arguments = ["sh", "-c", command]
    return subprocess.run(arguments, cwd=root, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)


def frozen_install(repo: Path, ref: str, directory: Path) -> None:
    """Raises unless a fresh clone of `ref` installs exactly its lock file, holds the dependency and passes its tests."""
    clone = directory / "fresh"
    git(repo, "clone", "-q", "--no-local", str(repo), str(clone))
    git(clone, "checkout", "-q", "--detach", git(repo, "rev-parse", f"{ref}^{{commit}}").strip())
    locked = json.loads((clone / LOCK).read_text(encoding="utf-8"))["packages"]
    entry = locked.get(f"node_modules/{DEPENDENCY}")
    assert entry is not None, f"{LOCK} of {ref} does not lock {DEPENDENCY}"
    assert entry["version"] == VERSION, f"{LOCK} of {ref} locks {DEPENDENCY} {entry['version']}, not {VERSION}"
    assert entry["integrity"].startswith("sha512-"), f"{LOCK} of {ref} does not say what {DEPENDENCY} hashes to"
    for step in (setup, check):
        done = step(clone)
        assert done.returncode == 0, f"`{done.args[2]}` failed in a fresh clone of {ref}:\n{done.stdout}{done.stderr}"
    assert git(clone, "status", "--porcelain") == "", f"a frozen install changed files of {ref}"
