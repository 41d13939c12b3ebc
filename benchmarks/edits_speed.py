"""How long an edit of a 50,000-line file takes, beside `git apply` and GNU patch on the same diffs in the same run.

usage: python benchmarks/edits_speed.py [--lines 50000] [--rounds 7]

Every tool gets the same file and the same diff; a tool that refuses or puts the change elsewhere is shown as such. Autopack runs in
this process, as it does in a run; the others are processes of their own, so the time of an empty process is shown too.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from autopack.edits import EditRefused, apply_diff, apply_reply

NAME = "big.py"


class Case(NamedTuple):
    title: str
    diff: str
    after: str


def file_text(lines):
    """Code that repeats itself about as much as code does."""
    body = []
    for number in range(lines // 5):
        body += [
            f"def function_{number}(argument):",
            f"    value = compute(argument, {number})",
            "    if value:",
            "        return value",
            "",
        ]
    return "\n".join(body) + "\n"


def hunk(lines, at, *, number=None, shown=str):
    """Replaces the line with index ``at``, with three lines of context on both sides."""
    before, after = lines[at - 3 : at], lines[at + 1 : at + 4]
    start = (at - 2) if number is None else number
    shown_lines = (
        [f" {shown(line)}" for line in before]
        + [f"-{shown(lines[at])}", f"+{lines[at]}  # changed"]
        + [f" {shown(line)}" for line in after]
    )
    return f"@@ -{start},7 +{start},7 @@\n" + "\n".join(shown_lines) + "\n"


def cases(text):
    lines = text.split("\n")[:-1]
    header = f"--- a/{NAME}\n+++ b/{NAME}\n"
    middle = len(lines) // 2 // 5 * 5 + 1
    many = [at // 5 * 5 + 1 for at in range(10, len(lines) - 10, len(lines) // 200)]

    def changed(places):
        return "\n".join(f"{line}  # changed" if at in set(places) else line for at, line in enumerate(lines)) + "\n"

    yield Case("1 hunk, exact", header + hunk(lines, middle), changed([middle]))
    yield Case(f"{len(many)} hunks, exact", header + "".join(hunk(lines, at) for at in many), changed(many))
    yield Case("1 hunk, number far off", header + hunk(lines, middle, number=7), changed([middle]))
    yield Case(f"{len(many)} hunks, numbers off by 40", header + "".join(hunk(lines, at, number=at + 38) for at in many), changed(many))
    yield Case("1 hunk, white space drifted", header + hunk(lines, middle, shown=lambda line: line + "  "), changed([middle]))
    stale = hunk(lines, middle).replace(lines[middle - 3], "def renamed_since(argument):")
    yield Case("1 hunk, a context line stale", header + stale, changed([middle]))


def timed(call: Callable[[], str | None], rounds: int) -> tuple[float, str | None]:
    times, result = [], None
    for _ in range(rounds):
        started = time.perf_counter()
        result = call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), result


def by_autopack(text, diff):
    try:
        return apply_diff(diff, {NAME: text})[NAME]
    except EditRefused:
        return None


def by_process(argv, text, diff, directory):
    target = directory / NAME
    target.write_text(text)
    started = time.perf_counter()
    done = subprocess.run(argv, input=diff.encode(), cwd=directory, capture_output=True, check=False)
    elapsed = (time.perf_counter() - started) * 1000
    return elapsed, target.read_text() if done.returncode == 0 else None


def shown(milliseconds, result, expected):
    verdict = "refused" if result is None else "" if result == expected else "WRONG PLACE"
    return f"{milliseconds:8.1f} ms {verdict:12s}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    tools = {"git apply": ["git", "apply", "-"], "patch": ["patch", "-p1", "-s", "-f", "--no-backup-if-mismatch"]}
    tools = {name: argv for name, argv in tools.items() if shutil.which(argv[0])}
    text = file_text(options.lines)
    print(f"{options.lines:,} lines, {len(text):,} bytes, median of {options.rounds}\n")
    print(f"{'':32s}{'autopack':24s}" + "".join(f"{name:24s}" for name in tools))
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for case in cases(text):
            row = shown(*timed(lambda case=case: by_autopack(text, case.diff), options.rounds), case.after)
            for argv in tools.values():
                runs = [by_process(argv, text, case.diff, directory) for _ in range(options.rounds)]
                row += " " + shown(statistics.median(elapsed for elapsed, _ in runs), runs[-1][1], case.after)
            print(f"{case.title:32s}{row}")
    operations = [
        {"type": "replace", "start_line": at, "end_line": at, "content": "    pass\n"}
        for at in range(2, options.lines, options.lines // 200)
    ]
    reply = json.dumps({"summary": "", "files": [{"path": NAME, "action": "edit", "operations": operations}]})
    milliseconds, _ = timed(lambda: apply_reply(reply, before={NAME: text})[NAME], options.rounds)
    print(f"{f'{len(operations)} structured operations':32s}{milliseconds:8.1f} ms")
    milliseconds, _ = timed(lambda: subprocess.run(["true"], check=True) and None, options.rounds)
    print(f"{'an empty process':32s}{'':24s}{milliseconds:8.1f} ms")


if __name__ == "__main__":
    main()
