"""How well a model tells the right goal of a change from the wrong ones of its project: what the line of goal drift is chosen by.

usage: python benchmarks/goal_drift.py CASES.jsonl CLONES --model PLACE

A line is a real change: {"repo": "owner/name", "commit": ..., "parent": ..., "text": its commit message}. A git directory that holds it is
``CLONES/owner+name/repo``. The message is the goal, the paths and lines of its diff are the change.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.memory.embeddings import cosine  # noqa: E402 - the package lies beside this folder
from autopack.memory.local_model import LocalModel, folder_of  # noqa: E402 - as above

SHARES, CHARACTERS = (0.02, 0.05, 0.1, 0.2), 4_000


def change_of(case: dict, clones: Path) -> str:
    folder = clones / case["repo"].replace("/", "+") / "repo"
    command = ["git", "-C", str(folder), "diff", "--no-renames", "-U0", case["parent"], case["commit"]]
    shown = subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace").splitlines()
    paths = [line[6:] for line in shown if line.startswith("+++ b/")]
    lines = [line for line in shown if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))]
    return f"{' '.join(paths)}\n" + "\n".join(lines)[:CHARACTERS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--model", required=True, help="a folder, or an installed package that holds a model")
    options = parser.parse_args()
    folder = folder_of(options.model)
    assert folder is not None, f"no model at {options.model}"
    model = LocalModel(folder)
    cases = [json.loads(line) for line in options.cases.read_text("utf-8").splitlines()]
    goals = model.embed([case["text"] for case in cases])
    changes = model.embed([change_of(case, options.clones) for case in cases])
    right = sorted(cosine(goal, change) for goal, change in zip(goals, changes, strict=True))
    wrong = [
        cosine(goals[other], change)
        for mine, change in enumerate(changes)
        for other in range(len(cases))
        if other != mine and cases[other]["repo"] == cases[mine]["repo"]
    ]
    nearer = statistics.mean(sum(one < other for one in wrong) / len(wrong) for other in right)
    print(f"{model.model}: {len(cases)} changes; a right goal is nearer than a wrong one in {nearer:.1%}")
    print(f"median of right goals {statistics.median(right):.2f}, of wrong ones {statistics.median(wrong):.2f}")
    for share in SHARES:
        line = right[int(share * len(right))]
        print(
            f"line {line:.2f}   right ones below it {share:.0%}   wrong ones below it {sum(one < line for one in wrong) / len(wrong):.0%}"
        )


if __name__ == "__main__":
    main()
