"""What choosing costs in a very large repository: a scope of 1,000 files among 100,000, the first time and the second.

usage: python benchmarks/large_repository.py [--files 100000] [--repeat 3]

Makes a repository of Python files in folders of 1,000 and chooses for a phase whose scope is one of them, each time in a new process: first
without digests, then with those that the first left in the state. Prints the processor time of Autopack's own work (git's beside it), then
that of a whole ``run --dry-run --json`` before and after.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.context.gather import Rules, gather  # noqa: E402 - the package lies beside this folder
from autopack.core.plan import Plan  # noqa: E402 - as above
from autopack.core.redaction import Redactor  # noqa: E402 - as above
from autopack.settings.paths import database_path  # noqa: E402 - as above
from autopack.store.database import Database  # noqa: E402 - as above
from autopack.store.digests import Digests  # noqa: E402 - as above
from autopack.worktree.base_tree import BaseTree  # noqa: E402 - as above
from autopack.worktree.repository import Repository  # noqa: E402 - as above

A_FOLDER = 1_000
VERBS = ("total", "round", "parse", "render", "check", "load")
PLAN = {
    "version": 1,
    "project": "large",
    "goal": "Prices are exact.",
    "phases": [
        {
            "id": "p",
            "description": "round_123 must keep the price of items above rate_23; total_123 adds up what column_11 holds.",
            "complexity": "low",
            "scope": {"paths": ["src/package_0/"]},
            "ci": {"skip": True, "reason": "only the choice is measured"},
        }
    ],
}


FUNCTION = '''def {verb}_{number}(items, rate_{rate}, table):
    """What step {step} needs to {verb}."""
    found = []
    for item in items:
        if item.price_{kind} > rate_{rate} and table.column_{column}:
            found.append(item.price_{kind} * {number})
    return found or os.environ.get("KEY_{key}")


'''


def module(number: int, files: int) -> bytes:
    facts = {"number": number, "rate": number % 50, "step": number * 31 % 997, "column": number % 211, "key": number % 37}
    functions = "".join(FUNCTION.format(verb=verb, kind=kind, **facts) for kind, verb in enumerate(VERBS))
    other = number * 13 % files
    imports = f"import os\nfrom package_{other // A_FOLDER}.module_{other} import total_{other}"
    return f'"""Module {number}."""\n\n{imports}\n\n\n{functions}'.encode()


def make(top: Path, files: int) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(top)], check=True)
    with subprocess.Popen(["git", "-C", str(top), "fast-import", "--quiet"], stdin=subprocess.PIPE) as git:
        assert git.stdin
        git.stdin.write(b"commit refs/heads/main\ncommitter u <u@example.org> 1700000000 +0000\ndata 4\nbase\n")
        named = [(f"src/package_{number // A_FOLDER}/module_{number}.py", module(number, files)) for number in range(files)]
        for path, text in (("autopack.yaml", json.dumps(PLAN).encode()), *named):
            git.stdin.write(f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n")
    subprocess.run(["git", "-C", str(top), "reset", "-q", "--hard"], check=True)


def choose(top: Path) -> tuple[float, float]:
    """Seconds of processor: of this process, and of the git programs that it started."""
    database = Database.open(database_path(top / ".git", {}))
    phase = Plan.model_validate(PLAN).phases[0]
    began = os.times()
    tree = BaseTree(Repository.discover(top, dict(os.environ)).git, "main")
    context = gather(phase, tree, (), Rules("main", 12_000, Redactor(), digests=Digests(database)))
    ended = os.times()
    assert any("round_123" in text for file in context.files for _, text in file.stretches)
    children = ended.children_user + ended.children_system - began.children_user - began.children_system
    return ended.user + ended.system - began.user - began.system, children


def chosen(top: Path) -> tuple[float, float]:
    """In a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--choose", str(top)], check=True, capture_output=True, text=True)
    own, children = map(float, done.stdout.split())
    return own, children


def dry_run(top: Path) -> tuple[float, float]:
    """Seconds of processor of the whole command, git and the start of the interpreter included, and on the clock."""
    before, began = os.times(), time.perf_counter()
    environment = {"PATH": os.environ["PATH"], "HOME": str(top.parent), "PYTHONPATH": str(ROOT), "ANTHROPIC_API_KEY": "not-used"}
    command = [sys.executable, "-m", "autopack", "run", "--dry-run", "--json", "--repo", str(top)]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return used, time.perf_counter() - began


def told(what: str, took: list[tuple[float, float]], second: str) -> None:
    one, other = (statistics.median(column) for column in zip(*took, strict=True))
    print(f"{what:42} {one:6.2f} s of processor   {second} {other:5.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--choose", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.choose:
        print(*choose(asked.choose))
        return
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "large"
        make(top, asked.files)
        told("dry run, nothing known", [dry_run(top) for _ in range(asked.repeat)], "clock")
        told("choosing, the first time", [chosen(top)], "git")
        told("choosing, the second time", [chosen(top) for _ in range(asked.repeat)], "git")
        told("dry run, all known", [dry_run(top) for _ in range(asked.repeat)], "clock")


if __name__ == "__main__":
    main()
