import time

import pytest

from autopack.checks.results.cases import gather
from autopack.checks.results.tap import TapReader, tap_names

NODE = """TAP version 13
# Subtest: plain
ok 1 - plain
  ---
  duration_ms: 0.9
  ...
# Subtest: fails \\# hash
not ok 2 - fails \\# hash
  ---
  error: '1 == 2'
  stack: |-
    ok 9 - not a test
  ...
# Subtest: suite
    # Subtest: inner
    ok 1 - inner
      ---
      duration_ms: 0.1
      ...
    # Subtest: deep
        # Subtest: d
        not ok 1 - d
        1..1
    not ok 2 - deep
    1..2
not ok 3 - suite
  ---
  failureType: 'subtestsFailed'
  ...
ok 4 - later # SKIP reason
not ok 5 - some day # TODO
1..5
# tests 5
"""


def _results(*chunks):
    reader = TapReader()
    for chunk in chunks:
        reader.feed(chunk.encode() if isinstance(chunk, str) else chunk)
    cases = reader.finish()
    return gather(tap_names(cases.cases), is_complete=cases.is_complete)


def test_nested_subtests_of_node():
    results = _results(NODE)
    assert results.passed == ("plain", "suite > inner")
    assert results.failed == ("fails # hash", "suite > deep > d")
    assert results.skipped == ("later", "some day")
    assert results.is_complete
    assert "error: '1 == 2'" in dict(results.details)["fails # hash"]


def test_it_does_not_matter_how_the_bytes_arrive():
    assert _results(*[bytes([byte]) for byte in NODE.encode()]) == _results(NODE)


def test_a_parent_that_fails_by_itself_counts():
    results = _results("    ok 1 - child\n    1..1\nnot ok 1 - parent\n1..1\n")
    assert (results.passed, results.failed) == (("parent > child",), ("parent",))


@pytest.mark.parametrize(
    "text",
    [
        "ok 1 - a\n",
        "1..2\nok 1 - a\n",
        "1..1\nok 1 - a\nBail out! disk full\n",
        "",
        "1..1\n    ok 1 - child without parent\n",
        "1..1\nok 1\nok 2\n",
    ],
)
def test_what_breaks_off_is_incomplete(text):
    assert not _results(text).is_complete


@pytest.mark.parametrize(
    "text", ["1..1\nok\n", "ok 1\r\n1..1\r\n", "TAP version 14\n1..0 # SKIP no database\n", "noise\nok 1 - a # time=12ms\nokay\n1..1"]
)
def test_plain_forms_are_complete(text):
    assert _results(text).is_complete


def test_durations_and_escapes_are_no_part_of_a_name():
    assert _results("1..2\nok 1 - test.js # time=12.5ms\nok 2 - back\\\\slash\n").passed == ("back\\slash", "test.js")


def test_hostile_input_is_bounded():
    began = time.process_time()
    _results(b"x" * 30_000_000)
    _results(b"ok 1 - " + b"#" * 100_000 + b"\n")
    _results(*([b"  " * 500 + b"ok\n"] * 2_000))
    results = _results(b"ok\n  ---\n" + b"  line\n" * 300_000)
    assert not results.is_complete
    assert time.process_time() - began < 40
