"""What memory `autopack serve` takes: the libraries alone, the server before anybody asks, and after each page, route and verb.

usage: python benchmarks/server_memory.py

The libraries are imported one after the other in a fresh interpreter, so each is charged with what those before it had not loaded.
The first figure is the resident set, *own* that without the pages of program files, which the system shares between processes and
drops when it needs room. ``docs/benchmarks.md`` says what the figures mean.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402 - as below

from autopack.core.transitions import RunEvent  # noqa: E402 - as below
from tests.support.browser import server_of  # noqa: E402 - as below
from tests.support.command import Desk  # noqa: E402 - as below
from tests.support.told_run import ToldRun  # noqa: E402 - the tests' own helpers lie beside this folder

MIB = 2**20
REPEATS = 20
LIBRARIES = ("typer", "pydantic", "fastapi", "uvicorn", "sqlmodel", "jinja2", "joserfc.jwt", "git")
ALONE = f"""
import gc, psutil
gc.set_threshold(700)
process = psutil.Process()
print("python", process.memory_info().rss)
for name in {LIBRARIES!r}:
    __import__(name)
    print(name, process.memory_info().rss)
"""
PLAN = """\
version: 1
project: shop
goal: A shop that sells things, carefully.
defaults: {ci: {command: "pytest -q"}}
phases:
  - {id: landed, description: It has landed., scope: {paths: [src/]}}
  - {id: waits, description: It waits for a review., scope: {paths: [src/]}}
  - {id: asks, description: It asks., scope: {paths: [src/]}}
"""
LOOKS = (
    *("/health", "/", "/view/shop-1", "/view/shop-1/phases/waits", "/view/shop-1/phases/landed/log", "/view/shop-1/events"),
    *("/view/shop-1/errors", "/view/shop-1/diff", "/dashboard/status", "/dashboard/runs/shop-1/status", "/dashboard/usage"),
    *("/runs", "/runs/shop-1/report", "/runs/shop-1/diff", "/runs/shop-1/errors", "/runs/shop-1/errors/summary", "/runs/shop-1/logs"),
    *("/runs/shop-1/events?follow=false", "/dashboard/models", "/openapi.json", "/docs"),
)
VERBS = (("waits", "approve", {}), ("asks", "retry", {"note": "yes"}))


def written(repo: Path) -> None:
    run = ToldRun(repo).create(PLAN).start(max_usd=50.0)
    run.complete("landed", {"src/a.py": "A = 1\n"})
    run.hold_for_review("waits", "The risk is 45 points.")
    run.hold_with_question("asks", "May I change the price?")
    run.end(RunEvent.HOLD, 4, "held", "two phases wait.")
    run.database.close()


def libraries() -> None:
    lines = subprocess.run([sys.executable, "-c", ALONE], check=True, capture_output=True, text=True).stdout.split()
    before = 0
    for name, told in zip(lines[::2], map(int, lines[1::2]), strict=True):
        print(f"{name:40} {told / MIB:7.1f} MiB  {(told - before) / MIB:+6.1f}")
        before = told


def told(name: str, server: psutil.Process) -> None:
    memory = server.memory_info()
    print(f"{name:40} {memory.rss / MIB:7.1f} MiB  own {(memory.rss - memory.shared) / MIB:6.1f} MiB", flush=True)


def main() -> None:
    libraries()
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk.make(Path(folder)).fresh()
        written(desk.repo)
        token = desk.autopack("serve", "token", "--scope", "steer").stdout.strip()
        with server_of(desk) as (running, address):
            process, base = psutil.Process(running.pid), address.partition("/#")[0]
            told("the server, before anybody asked", process)
            used = sum(process.cpu_times()[:2])
            time.sleep(20)
            print(f"{'  processor time in 20 s without a request':40} {sum(process.cpu_times()[:2]) - used:7.2f} s")
            with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60) as client:
                for path in LOOKS:
                    client.get(path).raise_for_status()
                    told(path, process)
                for phase, verb, body in VERBS:
                    etag = client.get(f"/runs/shop-1/phases/{phase}").headers["etag"]
                    client.post(f"/runs/shop-1/phases/{phase}/{verb}", json=body, headers={"If-Match": etag}).raise_for_status()
                    told(verb, process)
                for number in range(REPEATS):
                    for path in LOOKS:
                        client.get(path).raise_for_status()
                    if number in {REPEATS // 2, REPEATS - 1}:
                        told(f"all of them {number + 1} times more", process)


if __name__ == "__main__":
    main()
