"""Kills, tears and starves a run at chosen calls, starts it again until it ends well, and judges what is left.

python -m tests.crash.sweep                      every series, as `make crash` does
python -m tests.crash.sweep --series group torn --points 40 --minutes 10 --keep /tmp/kept --json result.json
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.support.crash_checker import Story
from tests.support.crash_facts import Ledger
from tests.support.crash_job import make_template
from tests.support.crash_points import numbered, reaches_all, sampled, thorough
from tests.support.crash_shim import FILLING, STEADY, Act, Injury, Kind, Target, build, why_not
from tests.support.crash_starter import Starter
from tests.support.crash_trial import Ground, Result, Trial
from tests.support.server import scripted_process

SCRIPT: Final = Path(__file__).resolve().parents[1] / "support" / "crash_script.py"
EIO: Final = 5
ENOSPC: Final = 28


@dataclass(frozen=True)
class Series:
    """A way to go wrong; ``again``: how often the recovery from it goes wrong too."""

    name: str
    injury: Injury
    again: float = 0.0


SERIES: Final = (
    Series("group", Injury()),
    Series("main", Injury(target=Target.MAIN)),
    Series("self", Injury(target=Target.SELF)),
    Series("torn", Injury(act=Act.TORN, kinds=Kind.WRITE)),
    Series("again", Injury(), again=0.8),
    Series("wire", Injury(kinds=Kind.NET)),
    Series("eio", Injury(act=Act.ERRNO, error=EIO, kinds=STEADY & ~Kind.EXEC)),
    Series("enospc", Injury(act=Act.ERRNO, error=ENOSPC, is_sticky=True, kinds=FILLING)),
)


class Bench:
    """A server, starters that have everything imported, and what an uninjured run does."""

    def __init__(self, ground: Ground, starters: Sequence[Starter], seed: int) -> None:
        self.ground = ground
        self._idle: SimpleQueue[Starter] = SimpleQueue()
        self._seed = seed
        modules = Trial(ground, starters[0], "warming").modules()
        for starter in starters:
            starter.preload(modules)
            self._idle.put(starter)
        Trial(ground, starters[0], "first00").dry()  # fills the provider's prompt cache
        self.reference, self.calls = Trial(ground, starters[0], "uninjur").dry()
        assert reaches_all(self.calls), "the shim does not see git or the checks: their environment lacks what AUTOPACK_TEST_PASS names"

    def judge(self, series: Series, point: int, keep: Path | None = None) -> Result:
        starter = self.borrow()
        trial = Trial(self.ground, starter, f"s{SERIES.index(series)}{point:05d}")
        try:
            result = trial.judge(replace(series.injury, at=point), self.reference, series.again, self._seed + point)
            if keep and result.wrong:
                trial.folder.rename(keep / trial.run)
                trial.out.rename(keep / f"{trial.run}.out")
            trial.remove()
            return result
        finally:
            self.give_back(starter)

    def finished(self, run: str) -> Story:
        """An uninjured run that is left as it ended."""
        starter = self.borrow()
        try:
            return Trial(self.ground, starter, run).uninjured()
        finally:
            self.give_back(starter)

    def borrow(self) -> Starter:
        return self._idle.get()

    def give_back(self, starter: Starter) -> None:
        self._idle.put(starter)

    def points(self, series: Series, count: int | None, rest: int = 30) -> list[int]:
        kinds = series.injury.kinds
        if count is None:
            return thorough(self.calls, kinds, rest, self._seed)
        return sampled(self.calls, kinds, count, self._seed)

    def total(self, series: Series) -> int:
        return len(numbered(self.calls, series.injury.kinds))


@contextmanager
def bench(folder: Path, jobs: int, seed: int) -> Iterator[Bench]:
    trials = folder / "trials"
    trials.mkdir()
    library = build(folder)
    with scripted_process(f"{SCRIPT}:reply", folder) as server:
        ground = Ground(make_template(folder), library, server.base_url, Ledger(folder / "calls.jsonl"), trials)
        starters = [Starter(library) for _ in range(jobs)]
        try:
            yield Bench(ground, starters, seed)
        finally:
            for starter in starters:
                starter.__exit__(None, None, None)


def sweep(at: Bench, series: Series, points: Sequence[int], options: argparse.Namespace) -> list[Result]:
    """The points in a shuffled order, so that a sweep whose time is up has looked everywhere."""
    until = time.monotonic() + options.minutes * 60
    order = random.Random(options.seed).sample(list(points), len(points))  # noqa: S311 - the same choice every time
    done: list[Result] = []

    def one(point: int) -> Result | None:
        return at.judge(series, point, options.keep) if time.monotonic() < until else None

    with ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(one, order):
            if result is None:
                continue
            done.append(result)
            if result.wrong:
                print(
                    f"FAIL {series.name} at {result.injury.at} ({result.last}), exit {result.code}: {'; '.join(result.wrong)}", flush=True
                )
    return done


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    reason = why_not()
    if reason:
        print(f"nothing is swept: {reason}")
        return 0
    failed, told = 0, {}
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="crash-", dir=options.tmp) as folder, bench(Path(folder), options.jobs, options.seed) as at:
        for series in (one for one in SERIES if one.name in options.series):
            began = time.monotonic()
            points = options.at or at.points(series, options.points, options.rest)
            done = sweep(at, series, points, options)
            bad = [result for result in done if result.wrong]
            failed += len(bad)
            told[series.name] = figures = {
                "calls": at.total(series),
                "points": len(points),
                "trials": len(done),
                "hurt": sum(result.is_hurt for result in done),
                "kills": sum(result.kills for result in done),
                "failed": len(bad),
                "seconds": round(time.monotonic() - began),
            }
            print(series.name, json.dumps(figures), flush=True)
            if options.json:
                options.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [series.name for series in SERIES]
    parser.add_argument("--series", nargs="*", choices=names, default=names)
    parser.add_argument("--points", type=int, help="a sample of so many calls a series; default: every decisive one and --rest others")
    parser.add_argument("--rest", type=int, default=30)
    parser.add_argument("--at", type=int, nargs="*", help="exactly these calls")
    parser.add_argument("--minutes", type=float, default=7.0, help="of each series")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where the folders of failed trials go")
    parser.add_argument("--tmp", help="the folder that trials lie below; outside of every repository")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
