"""Own time, memory, requests and prompt sizes of the main job, against a model that answers at once.

usage: python benchmarks/main_job.py [--repeat 7]

Prints a table; ``docs/benchmarks.md`` says what the figures mean. All figures of one run are comparable with each other only.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.cli.command_table import COMMANDS  # noqa: E402 - as below
from tests.support.repos import make_repo  # noqa: E402 - the tests' own helpers lie beside this folder
from tests.support.server import Scripted, scripted_server  # noqa: E402

LINES = 98


@dataclass(frozen=True)
class Measured:
    wall_s: float
    gaps_ms: list[float]
    requests: int
    request_tokens: list[int]


def module(number: int) -> str:
    lines = [f'"""Module {number}: figures and what is made of them."""', ""]
    while len(lines) < LINES:
        lines.append(f"VALUE_{len(lines)} = compute({len(lines)}, {number})  # step {len(lines)}")
    return "\n".join(lines) + "\n"


def plan_of(phases: int, mode: str) -> dict:
    return {
        "version": 1,
        "goal": "Change one line in each module.",
        "phases": [
            {
                "id": f"p{n}",
                "description": "Set VALUE_50 to 0.",
                "acceptance_criteria": ["VALUE_50 is 0"],
                "scope": {"paths": [f"src/m{n}.py"]},
                "builder_mode": mode,
                "ci": {"command": "true", "tests": "none"},
            }
            for n in range(phases)
        ],
    }


def script(request) -> str:
    phase = request.headers["x-autopack-phase"]
    if request.headers["x-autopack-role"] == "auditor":
        return json.dumps({"verdict": "approve", "confidence": 0.9, "summary": "ok", "issues": [], "criteria": [], "failure_kind": None})
    operation = {"type": "replace", "start_line": 51, "end_line": 51, "content": "VALUE_50 = 0\n"}
    edit = {"path": f"src/m{phase[1:]}.py", "action": "edit", "operations": [operation]}
    return json.dumps({"summary": "VALUE_50 is 0", "files": [edit], "blocked": None})


def environment(server: Scripted, home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"HOME": str(home), "PYTHONPATH": str(ROOT)} | server.environment("anthropic")


@contextmanager
def begun(phases: int, mode: str | None = None) -> Iterator[tuple[Scripted, "subprocess.Popen[bytes]", float]]:
    """The server, the command, and when that was started. ``mode`` of several phases is edit operations, unless another is named."""
    form = mode or ("structured_edit" if phases > 1 else "auto")
    with tempfile.TemporaryDirectory() as folder, scripted_server(script) as server:
        top = Path(folder)
        repo = make_repo(
            top / "repo", {f"src/m{n}.py": module(n) for n in range(phases)} | {"plan.yaml": json.dumps(plan_of(phases, form))}
        )
        command = [sys.executable, "-m", "autopack", "run", "--plan", "plan.yaml", "--repo", str(repo), "--json"]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment(server, top), cwd=repo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        yield server, process, began


def peak_mib(phases: int) -> float:
    """Of the command, in a run of its own; what it shares with other programs counts in part (the kernel's proportional set size)."""
    most = 0.0
    with begun(phases) as (_, process, _began):
        while process.poll() is None:
            with suppress(psutil.Error):
                most = max(most, psutil.Process(process.pid).memory_full_info().pss / 2**20)
            time.sleep(0.02)
    return most


def once(phases: int) -> Measured:
    with begun(phases) as (server, process, began):
        code = process.wait()
        wall = time.perf_counter() - began
        assert code == 0
        with urllib.request.urlopen(server.base_url + "/__log") as answer:
            calls = [call for call in json.load(answer) if call["kind"] == "gen"]
        gaps = [
            (after["t"] - before["t"] - before["latency"]) * 1000
            for before, after in pairwise(calls)
            if before["headers"].get("x-autopack-role") == "builder"
        ]
        return Measured(wall, gaps, len(calls), [call["chars"] // 4 for call in calls])


def timed(*arguments: str, repeat: int) -> float:
    walls = []
    for _ in range(repeat):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)
        walls.append(time.perf_counter() - began)
    return statistics.median(walls)


BARE = """
import typer
app = typer.Typer()
def make(n):
    def command(name: str = typer.Option("x", help="A name.")) -> None:
        "Do something."
    app.command(f"command{{n}}")(command)
for n in range({count}):
    make(n)
app(["--help"], standalone_mode=False)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=7)
    repeat = parser.parse_args().repeat
    count = len(COMMANDS)
    bare, ours = timed("-c", BARE.format(count=count), repeat=repeat), timed("-m", "autopack", "--help", repeat=repeat)
    print(
        f"--help                {ours * 1000:7.0f} ms   bare Typer app with {count} commands {bare * 1000:.0f} ms, ratio {ours / bare:.2f}"
    )
    nothing, sdk = timed("-c", "pass", repeat=repeat), timed("-c", "import anthropic", repeat=repeat)
    print(f"import of the SDK     {(sdk - nothing) * 1000:7.0f} ms")
    one = [once(1) for _ in range(repeat)]
    wall = statistics.median(run.wall_s for run in one)
    print(f"one phase             {wall * 1000:7.0f} ms   less the SDK's import {(wall - sdk + nothing) * 1000:.0f} ms (aim: 600)")
    print(f"  memory              {statistics.median(peak_mib(1) for _ in range(3)):7.0f} MiB  (aim: 140)")
    print(f"  requests            {one[0].requests:7d}      (aim: 2)")
    print(f"  reply to audit      {statistics.median(gap for run in one for gap in run.gaps_ms):7.1f} ms   (aim: 60)")
    print(f"  request bodies      {sum(one[0].request_tokens):7d} tokens (characters / 4) {one[0].request_tokens} (aim: 2,500)")
    twenty = [once(20) for _ in range(max(1, repeat // 3))]
    per_phase = statistics.median(run.wall_s - wall for run in twenty) / 19
    print(f"twenty phases         {per_phase * 1000:7.0f} ms   a phase, of own work (aim: 150)")
    print(f"  memory              {peak_mib(20):7.0f} MiB")
    print(
        f"  request bodies      {sum(twenty[0].request_tokens):7d} tokens (characters / 4), edit operations in one file each (aim: 42,000)"
    )
    print(f"  reply to audit      {statistics.median(gap for run in twenty for gap in run.gaps_ms):7.1f} ms")


if __name__ == "__main__":
    main()
