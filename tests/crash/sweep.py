"""Kills, tears and starves a run at chosen calls, starts it again until it ends well, and judges what is left.

python -m tests.crash.sweep                      every series to its end, as `make crash` does; ends with 1 if a call was not tried
python -m tests.crash.sweep --series group torn --points 40 --minutes 10 --keep /tmp/kept --table table.md
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.support.crash_checker import Story
from tests.support.crash_facts import Ledger
from tests.support.crash_job import EASY, HARD, make_template
from tests.support.crash_points import numbered, reaches_all, sampled, thorough
from tests.support.crash_shim import FILLING, STEADY, Act, Injury, Kind, Target, build, why_not
from tests.support.crash_starter import Starter
from tests.support.crash_table import Tried, shortcomings, table
from tests.support.crash_trial import Ground, Result, Trial
from tests.support.repos import git
from tests.support.server import scripted_process

SCRIPT: Final = Path(__file__).resolve().parents[1] / "support" / "crash_script.py"
ROOT: Final = Path(__file__).resolve().parents[2]
QUICK_BYTES: Final = 1 << 29
EIO: Final = 5
ENOSPC: Final = 28


@dataclass(frozen=True)
class Series:
    """A way to go wrong; ``again``: how often the recovery from it goes wrong too; ``is_hard``: with the hard job.

    ``every``: of the calls that are worth a trial one in so many gets one, so that all series fit in their time.
    """

    name: str
    injury: Injury
    again: float = 0.0
    is_hard: bool = False
    every: int = 1


SERIES: Final = (
    Series("group", Injury()),
    Series("main", Injury(target=Target.MAIN), every=3),
    Series("self", Injury(target=Target.SELF), every=3),
    Series("torn", Injury(act=Act.TORN, kinds=Kind.WRITE)),
    Series("again", Injury(), again=0.8, every=4),
    Series("wire", Injury(kinds=Kind.NET)),
    Series("eio", Injury(act=Act.ERRNO, error=EIO, kinds=STEADY & ~Kind.EXEC), every=3),
    Series("enospc", Injury(act=Act.ERRNO, error=ENOSPC, is_sticky=True, kinds=FILLING), every=2),
    Series("hard", Injury(kinds=Kind.FSYNC | Kind.EXEC), is_hard=True),
)


class Bench:
    """A server, starters that have everything imported, and what an uninjured run of one job does."""

    def __init__(self, ground: Ground, idle: "SimpleQueue[Starter]", jobs: int, seed: int) -> None:
        self.ground = ground
        self.jobs = jobs
        self._idle = idle
        self._seed = seed
        Trial(ground, starter := self.borrow(), f"first{self._mark}0").dry()  # fills the provider's prompt cache
        self.reference, self.calls = Trial(ground, starter, f"uninju{self._mark}").dry()
        self.give_back(starter)
        assert reaches_all(self.calls), "the shim does not see git or the checks: their environment lacks what AUTOPACK_TEST_PASS names"

    @cached_property
    def hard(self) -> "Bench":
        """The same server and starters with the hard job."""
        template = make_template(self.ground.folder.parent / "hard", HARD)
        return Bench(replace(self.ground, job=HARD, template=template), self._idle, self.jobs, self._seed)

    def of(self, series: Series) -> "Bench":
        return self.hard if series.is_hard else self

    @property
    def _mark(self) -> str:
        return "h" if self.ground.job is HARD else "e"

    def judge(self, series: Series, point: int, keep: Path | None = None) -> Result:
        at = self.of(series)
        return at._judge(series, point, keep)

    def _judge(self, series: Series, point: int, keep: Path | None) -> Result:
        starter = self.borrow()
        trial = Trial(self.ground, starter, f"s{SERIES.index(series)}{point:05d}")
        try:
            result = trial.judge(replace(series.injury, at=point), self.reference, series.again, self._seed + point)
            if keep and result.wrong:
                shutil.rmtree(keep / trial.run, ignore_errors=True)
                shutil.move(trial.folder, keep / trial.run)
                shutil.move(trial.out, keep / f"{trial.run}.out")
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

    def points(self, series: Series, count: int | None, rest: int = 30, every: int | None = None) -> list[int]:
        """Series that leave calls out leave out different ones, and with another seed others."""
        kinds, calls = series.injury.kinds, self.of(series).calls
        if count is not None:
            return sampled(calls, kinds, count, self._seed)
        step = every or series.every
        chosen = thorough(calls, kinds, rest, self._seed, is_of_others=series.injury.target is Target.SELF)
        return chosen[(self._seed + SERIES.index(series)) % step :: step]

    def total(self, series: Series) -> int:
        return len(numbered(self.of(series).calls, series.injury.kinds))


@contextmanager
def ctx(folder: Path, jobs: int, seed: int) -> Iterator[Bench]:
    trials = folder / "trials"
    trials.mkdir()
    library = build(folder)
    with scripted_process(f"{SCRIPT}:reply", folder) as server:
        template = make_template(folder / "easy", EASY)
        ground = Ground(EASY, template, library, server.base_url, Ledger(folder / "calls.jsonl"), trials)
        starters = [Starter(library) for _ in range(jobs)]
        try:
            yield Bench(ground, _warmed(ground, starters), jobs, seed)
        finally:
            for starter in starters:
                starter.__exit__(None, None, None)


def _warmed(ground: Ground, starters: Sequence[Starter]) -> "SimpleQueue[Starter]":
    """They have imported what a whole run does, and done one."""
    idle: SimpleQueue[Starter] = SimpleQueue()
    modules = Trial(ground, starters[0], "warming").modules()
    for starter in starters:
        starter.preload(modules, rehearses=True)
        idle.put(starter)
    return idle


def sweep(at: Bench, points: Mapping[Series, Sequence[int]], options: argparse.Namespace) -> list[Tried]:
    """The calls of all series, shuffled, so that a sweep whose time is up has looked everywhere."""
    until = time.monotonic() + options.minutes * 60
    every = [(series, point) for series, chosen in points.items() for point in chosen]
    order = random.Random(options.seed).sample(every, len(every))  # noqa: S311 - the same choice every time
    done: dict[Series, list[Result]] = {series: [] for series in points}

    def one(trial: tuple[Series, int]) -> Result | None:
        return _judged(at, *trial, options.keep) if time.monotonic() < until else None

    with ThreadPoolExecutor(options.jobs) as pool:
        for number, ((series, point), result) in enumerate(zip(order, pool.map(one, order), strict=True), start=1):
            if result is not None:
                done[series].append(result)
                if result.wrong:
                    print(f"FAIL {series.name} at {point} ({result.last}), exit {result.code}: {'; '.join(result.wrong)}", flush=True)
            if result is not None and number % 100 == 0:
                print(f"{number} of {len(order)}", file=sys.stderr, flush=True)
    return [Tried(series.name, at.total(series), len(points[series]), results) for series, results in done.items()]


def _judged(at: Bench, series: Series, point: int, keep: Path | None) -> Result:
    try:
        return at.judge(series, point, keep)
    except Exception as error:  # noqa: BLE001 - a trial that cannot be judged has failed, and the others go on
        return Result(replace(series.injury, at=point), 0, 0, "", (f"it could not be judged: {error!r}",))


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    reason = why_not()
    if reason:
        print(f"nothing is swept: {reason}")
        return 1
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crash-", dir=options.tmp) as folder, ctx(Path(folder), options.jobs, options.seed) as at:
        chosen = [series for series in SERIES if series.name in options.series]
        tried = sweep(
            at, {series: options.at or at.points(series, options.points, options.rest, options.every) for series in chosen}, options
        )
    facts = {"commit": _commit(), "seed": str(options.seed), "time": f"{(time.monotonic() - began) / 60:.1f} minutes"}
    text = table(tried, {**facts, "cores": str(os.cpu_count()), "trials at a time": str(options.jobs)})
    print(text, end="")
    if options.table:
        options.table.parent.mkdir(parents=True, exist_ok=True)
        options.table.write_text(text, "utf-8")
    for sentence in (failed := shortcomings(tried)):
        print(sentence)
    return 1 if failed else 0


def _commit() -> str:
    changes = git(ROOT, "status", "--porcelain", "--untracked-files=no").strip()
    return git(ROOT, "rev-parse", "--short", "HEAD").strip() + (" with changes" if changes else "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [series.name for series in SERIES]
    parser.add_argument("--series", nargs="*", choices=names, default=names)
    parser.add_argument("--points", type=int, help="a sample of so many calls a series; default: decisive ones and --rest others")
    parser.add_argument("--every", type=int, help="one in so many of these calls; 1 tries all of them; default: what each series says")
    parser.add_argument("--rest", type=int, default=30)
    parser.add_argument("--at", type=int, nargs="*", help="exactly these calls")
    parser.add_argument("--minutes", type=float, default=55.0, help="for all trials; a call that is not tried by then is a failure")
    parser.add_argument("--jobs", type=int, default=2 * min(2, os.cpu_count() or 1), help="trials at a time; half of one is waiting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where the folders of failed trials go")
    parser.add_argument("--tmp", default=_quick_folder(), help="the folder that trials lie below; outside of every repository")
    parser.add_argument("--table", type=Path, help="the table goes into this file too")
    return parser.parse_args()


def _quick_folder() -> str | None:
    """Memory, where the machine has some to spare: trials make and remove many small files."""
    shared = Path("/dev/shm")  # noqa: S108 - the folders in it are made with names of their own
    return str(shared) if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > QUICK_BYTES else None


if __name__ == "__main__":
    sys.exit(main())
