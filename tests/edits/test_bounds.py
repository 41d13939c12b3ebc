"""No text makes it hang or eat the machine: large inputs in a process of their own, whose processor time and memory are bounded."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.start import ROOT

LINES = int(os.environ.get("AUTOPACK_SAME_LINES", "1000000"))  # `make sweeps` has five times as many
MEMORY_BYTES = 1_000_000_000  # the whole process
SECONDS = 20 * LINES // 1_000_000  # of processor time; alone on a machine none takes a quarter of it

BIG = 'before = "".join(f"line number {n} of a file of ten megabytes\\n" for n in range(250_000))'
SAME = f'before = "a\\n" * {LINES}'
SMALL = 'before = "a\\n" * 1000'
HEAD = '"--- a/f\\n+++ b/f\\n" + '
CASES = {
    "a change in 10 MB": (
        BIG,
        HEAD + '"@@ -9,3 +9,3 @@\\n line number 199999 of a file of ten megabytes\\n-line number 200000 of a file of ten megabytes\\n'
        '+changed\\n line number 200001 of a file of ten megabytes\\n"',
        "applied",
    ),
    "a change that fits nowhere in 10 MB": (
        BIG,
        HEAD + '"@@ -9,3 +9,3 @@\\n line number nine\\n-line number 7 of a file\\n+x\\n line 3\\n"',
        "not_found",
    ),
    "a change in very many lines that are the same": (SAME, HEAD + '"@@ -9,3 +9,3 @@\\n a\\n-a\\n+b\\n a\\n"', "applied"),
    "the same without a line number": (SAME, HEAD + '"@@ @@\\n a\\n-a\\n+b\\n a\\n"', "ambiguous"),
    "1,000,000 hunks": (SAME, HEAD + '"".join(f"@@ -{n * 3 + 1} +{n * 3 + 1} @@\\n-a\\n+b\\n" for n in range(1_000_000))', "too_large"),
    "1,000,000 hunks of nothing": (SMALL, HEAD + '"@@ @@\\n" * 1_000_000', "too_many"),
    "300,000 hunks": (SMALL, HEAD + '"@@ -1 +1 @@\\n-a\\n+b\\n" * 300_000', "too_many"),
    "1,000,000 files": (SMALL, '"".join(f"--- a/{n}\\n+++ b/{n}\\n@@ -1 +1 @@\\n-a\\n+b\\n" for n in range(1_000_000))', "too_large"),
    "one line of 8,000,000 characters": (SMALL, HEAD + '"@@ -1 +1 @@\\n-a\\n+" + "b " * 4_000_000 + "\\n"', "applied"),
}
PROGRAM = """
import json, resource, time
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from autopack.edits import EditRefused, apply_diff
{before}
diff = {diff}
began = time.process_time()
try:
    outcome = "applied" if apply_diff(diff, {{"f": before}}) else "nothing"
except EditRefused as refused:
    outcome = refused.code
print(json.dumps([outcome, time.process_time() - began]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="macOS keeps no limit on a process's memory")
@pytest.mark.parametrize("case", CASES)
def test_no_size_of_file_or_diff_takes_more_than_its_share(case):
    before, diff, expected = CASES[case]
    program = PROGRAM.format(before=before, diff=diff, memory=MEMORY_BYTES, seconds=2 * SECONDS)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcome, seconds = json.loads(done.stdout)
    assert outcome == expected
    assert seconds < SECONDS
