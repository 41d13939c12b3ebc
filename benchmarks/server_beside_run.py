"""What a run pays for a server beside it that one person watches: wall time and processor time of `autopack run`, with and without.

usage: python benchmarks/server_beside_run.py [--pairs 9] [--phases 20] [--latency 0.3]

Runs go in pairs, now the one first, now the other, against a model that takes ``--latency`` seconds for an answer. The watcher does what a
browser's page does: it reads the stream of the run, and asks for the page again when something came, as seldom as the page does.
``docs/benchmarks.md`` says what the figures mean.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.main_job import environment, module, plan_of, script  # noqa: E402 - as below
from tests.support.repos import make_repo  # noqa: E402 - the tests' own helpers lie beside this folder
from tests.support.server import scripted_server  # noqa: E402

COMMAND = (sys.executable, "-m", "autopack")
LEAST_S = 1.0
"""Between two looks of a page, and ten times as long as a look took (``live.js``)."""


class Watcher(threading.Thread):
    """Reads the stream of the run ``r`` from its first event on, and its page."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(daemon=True)
        self.port, self.headers = port, {"Authorization": f"Bearer {token}"}
        self.messages = self.looks = 0

    def run(self) -> None:
        with suppress(OSError, http.client.HTTPException):  # the server ends after the run
            while (answer := self._asked("/runs/r/events")).status != 200:
                answer.read()
                time.sleep(0.2)
            free = 0.0
            for line in answer:
                self.messages += line.startswith(b"id:")
                if line.startswith(b"data:") and time.monotonic() >= free:
                    began = time.monotonic()
                    self._asked("/view/r").read()
                    self.looks += 1
                    free = time.monotonic() + max(LEAST_S, 10 * (time.monotonic() - began))

    def _asked(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path, headers=self.headers)
        return connection.getresponse()


@contextmanager
def watched(repo: Path, env: dict[str, str]) -> Iterator[Watcher]:
    token = subprocess.run([*COMMAND, "serve", "token"], env=env, cwd=repo, check=True, capture_output=True, text=True).stdout.strip()
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"], env=env, cwd=repo, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        port = int(server.stdout.readline().decode().partition("/#")[0].rpartition(":")[2])
        watcher = Watcher(port, token)
        watcher.start()
        try:
            yield watcher
        finally:
            server.terminate()
    watcher.join()


def once(phases: int, latency: float, is_watched: bool) -> tuple[float, float]:
    """Wall time and processor time of the run with what it started, in seconds."""
    with tempfile.TemporaryDirectory() as folder, scripted_server(script, latency=latency) as model:
        top = Path(folder)
        repo = make_repo(top / "repo", {f"src/m{n}.py": module(n) for n in range(phases)})
        (top / "plan.yaml").write_text(json.dumps(plan_of(phases)))
        env = environment(model, top)
        if not is_watched:
            return timed(repo, top, env)
        with watched(repo, env) as watcher:
            took = timed(repo, top, env)
        assert watcher.messages > phases, "it did watch"
        assert watcher.looks, "it did look"
        return took


def timed(repo: Path, top: Path, env: dict[str, str]) -> tuple[float, float]:
    command = [*COMMAND, "run", "--run-id", "r", "--plan", str(top / "plan.yaml"), "--repo", str(repo), "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, cwd=repo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--phases", type=int, default=20)
    parser.add_argument("--latency", type=float, default=0.3)
    asked = parser.parse_args()
    alone, beside = [], []
    for number in range(asked.pairs):
        for is_watched in (False, True) if number % 2 else (True, False):
            (beside if is_watched else alone).append(once(asked.phases, asked.latency, is_watched))
        print(f"pair {number + 1}: alone {alone[-1][0]:.2f} s, watched {beside[-1][0]:.2f} s", flush=True)
    for at, name in enumerate(("wall", "processor")):
        before, after = statistics.median(one[at] for one in alone), statistics.median(one[at] for one in beside)
        ratios = sorted(two[at] / one[at] for one, two in zip(alone, beside, strict=True))
        print(f"{name:10} alone {before:6.2f} s   watched {after:6.2f} s   {after / before - 1:+.1%}   pairs: median "
              f"{statistics.median(ratios) - 1:+.1%}, from {ratios[0] - 1:+.1%} to {ratios[-1] - 1:+.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
