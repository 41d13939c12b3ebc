import time

import pytest

from autopack.cli.printable import few_lines, flat, needs_care, one_line
from autopack.core.visible import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain äöü\tand tabs\n", "plain äöü\tand tabs\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0\x1b\\after", "after"),
        ("\x9b31mC1\x9d0;x\x9cend", "C1end"),
        ("\x1bc\x1b(0reset", "reset"),
        ("\x1b]0;never ends\nnext line", "0;never ends\nnext line"),
        ("10%\r20%\r\ndone", "10%\n20%\ndone"),
        ("a\x00b\x08c\x7fd\x0b", "abcd"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029cd"),
    ],
)
def test_only_what_can_be_seen_is_left(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize("piece", ["\x1b]", "\x9d", "\x1b[", "\x1b[1;", "\x1b", "\r", "\x1bP;"])
def test_hostile_text_takes_linear_time(piece):
    began = time.process_time()
    printable(piece * 300_000)
    assert time.process_time() - began < 10


def test_one_line_is_cut_with_an_ellipsis():
    assert one_line("one\n two\x1b[0m  three", 100) == "one two three"
    assert one_line("word " * 100, 12) == "word word w…"


def test_few_lines_say_how_many_follow():
    assert few_lines("a\n\nbbbbbb\nc\nd\n", 2, 4) == ["a", "bbb…", "… 2 more lines"]
    assert few_lines("a\nb\n", 2, 4) == ["a", "b"]


def test_a_text_on_one_line_keeps_its_spaces_and_is_left_alone_where_it_is_one():
    assert flat("a  b\nc\r\nd\x1b[2J") == "a  b c d"
    assert flat("\ta  b") == "\ta  b"
    assert not needs_care("straße")
    assert needs_care("\u2028")
