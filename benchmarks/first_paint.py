"""How soon a browser shows the server's pages of a large run: 200 phases, 50,000 events.

usage: python benchmarks/first_paint.py [--phases 200] [--events 50000] [--repeat 9]

Writes a run with the store's own functions (landed phases, retries, reports of what failed, held phases), starts `autopack serve` on it
and opens the list, the run and its events in headless Chromium, each time in a new window. Prints when the first content is painted, and
what of that is the server's answer; ``docs/benchmarks.md`` says what the figures mean.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autopack.core.error_report import Component, ErrorReport  # noqa: E402 - as below
from autopack.core.events import Event, EventName  # noqa: E402
from autopack.core.transitions import RunEvent  # noqa: E402
from autopack.store.errors import add_error  # noqa: E402
from autopack.store.events import append  # noqa: E402
from tests.support.browser import looking, server_of  # noqa: E402
from tests.support.chromium import chromium  # noqa: E402
from tests.support.command import Desk  # noqa: E402
from tests.support.told_run import ToldRun  # noqa: E402 - the tests' own helpers lie beside this folder

HELD = 4
RETRIED_EVERY = 4
PAGES = {"the list": "/", "the run": "/view/shop-1", "its events": "/view/shop-1/events"}
TIMES = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [paint.startTime, page.responseEnd, page.decodedBodySize, document.querySelectorAll("*").length];
}"""


def plan_of(phases: int) -> str:
    head = 'version: 1\nproject: shop\ngoal: A shop that sells things, carefully.\ndefaults: {ci: {command: "pytest -q"}}\nphases:\n'
    return head + "".join(
        f"  - id: part-{n}\n    description: Add part {n} of the shop, with its price and its tests.\n"
        f"    scope: {{paths: [src/]}}\n    depends_on: [{f'part-{n - 5}' if n >= 5 else ''}]\n"
        for n in range(phases)
    )


def written(repo: Path, phases: int, events: int) -> None:
    """All phases but the last few have landed, every fourth in its second attempt; the last ones wait for a person."""
    run = ToldRun(repo).create(plan_of(phases))
    run.start(max_usd=500.0)
    for number in range(phases):
        phase = f"part-{number}"
        if number % RETRIED_EVERY == 0:
            key = run.fail_once(phase, {f"src/part{number}.py": "WRONG = 1\n"})
            add_report(run, phase, key.number)
            run.retry(phase)
        if number < phases - HELD:
            run.complete(phase, {f"src/part{number}.py": "".join(f"PART_{line} = {line}\n" for line in range(40))})
        else:
            run.hold_for_review(phase, "The risk is 45 points.")
    add_events(run, phases, events)
    run.end(RunEvent.HOLD, 4, "held", f"waits for a person: {HELD} phases.")
    run.database.close()


def add_report(run: ToldRun, phase: str, attempt: int) -> None:
    told = {"error_type": "ChecksRed", "kind": "checks_red", "message": "1 of 2 tests fails: tests/test_a.py::test_two."}
    report = ErrorReport(
        time="2026-03-01T22:00:00Z", component=Component.CHECKS, run_id=run.run_id, phase=phase, attempt=attempt, versions={}, **told
    )
    with run.database.write() as session:
        add_error(session.connection(), report)


def add_events(run: ToldRun, phases: int, events: int) -> None:
    """What a run tells of its commands and calls besides its states, until there are so many."""
    kinds = (
        (EventName.COMMAND_STARTED, {"command": "pytest -q", "stage": "check"}),
        (EventName.COMMAND_ENDED, {"command": "pytest -q", "stage": "check", "exit_code": 0, "seconds": 1.5}),
        (EventName.CALL_PROGRESS, {"role": "builder", "model": "anthropic/sonnet-5", "characters": 12_345}),
        (EventName.NOTE, {"message": "The builder looked at src/part1.py and at eleven other files."}),
    )
    with run.database.write() as session:
        for number in range(events - len(list(run.events.since(run.run_id)))):
            name, data = kinds[number % len(kinds)]
            phase = f"part-{number * phases // events}"
            append(session, Event(run_id=run.run_id, phase=phase, attempt=1, event=name, time=run.now(), data=data))


def painted(browser, page, base: str, path: str) -> list[float]:
    """First content painted (ms), end of the answer (ms), bytes, elements: in a new window, without a cache."""
    with browser.new_context(base_url=base, storage_state=page.context.storage_state()) as window:
        opened = window.new_page()
        opened.goto(path)
        opened.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
        return opened.evaluate(TIMES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phases", type=int, default=200)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk.make(Path(folder))
        written(desk.repo, asked.phases, asked.events)
        with chromium() as browser, server_of(desk) as (_, address), looking(browser, address) as page:
            print(f"{'page':12} {'first':>8} {'median':>8} {'slowest':>8} {'answer':>8} {'kB':>6} {'elements':>9}")
            for name, path in PAGES.items():
                told = [painted(browser, page, address.partition("/#")[0], path) for _ in range(asked.repeat)]
                paints, answers = [one[0] for one in told], [one[1] for one in told]
                figures = (paints[0], statistics.median(paints), max(paints), statistics.median(answers))
                print(f"{name:12} {' '.join(f'{ms:5.0f} ms' for ms in figures)} {told[0][2] / 1000:6.0f} {told[0][3]:9.0f}", flush=True)


if __name__ == "__main__":
    main()
