import time

import pytest

from autopack.checks.results.text import cut_middle, local, plain, stable


def test_terminal_codes_are_removed():
    said = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ \x1b[2K\x1b(Bok\x00\x07"
    assert plain(said) == "red link ok"


def test_a_progress_bar_is_its_last_state():
    assert plain(" 10%\r 50%\r100%\nnext\r\nlast\r") == "100%\nnext\nlast"


def test_text_that_turns_the_direction_round_loses_it():
    assert plain("a\u202eb") == "ab"


def test_paths_of_the_machine_become_paths_of_the_project():
    places = {"/w/tree": "", "/w/out-1": "$AUTOPACK_OUT"}
    assert local("/w/tree/a.py:1 in /w/tree, /w/tree2/b, /w/out-1/x.xml", places) == "a.py:1 in ., /w/tree2/b, $AUTOPACK_OUT/x.xml"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 failed, 2 passed in 0.12s", "3 failed, 2 passed in 61.50s (0:01:01)"),
        ("<X object at 0x7f48bc6a>", "<X object at 0x7f48bc6b11>"),
        ("see /tmp/pytest-of-me/pytest-12/a0", "see /tmp/pytest-of-me/pytest-13/a0"),
        ("2026-01-02T03:04:05.678Z boom", "2027-01-02T03:04:05Z boom"),
        ("duration_ms: 0.91", "duration_ms: 12"),
        ("ok (12 ms)", "ok (7 ms)"),
    ],
)
def test_the_same_failure_reads_the_same(one, other):
    assert stable(one) == stable(other)


def test_numbers_that_mean_something_stay():
    assert stable("assert 5 == 0x10 in 3 places") == "assert 5 == 0x10 in 3 places"


def test_the_middle_is_cut_between_lines():
    text = "".join(f"line {number}\n" for number in range(1000))
    short = cut_middle(text, 500)
    assert len(short) <= 500
    assert short.startswith("line 0\n")
    assert short.endswith("line 999\n")
    assert "characters left out" in short


@pytest.mark.parametrize("hostile", ["\x1b[" * 50_000, "\x1b]" + "x" * 200_000, "\r" * 200_000, " in 1" * 50_000, "0x" * 100_000])
def test_hostile_output_takes_no_time(hostile):
    began = time.process_time()
    stable(plain(hostile))
    assert time.process_time() - began < 10
