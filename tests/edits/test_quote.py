from autopack.edits.quote import QUOTED_LINES_MAX, numbers, quoted, what_stands_there

TEXT = "\ufeff" + "".join(f"line {number}\r\n" for number in range(1, 31))


def test_lines_are_shown_with_their_numbers():
    assert what_stands_there(TEXT, 2, 3) == "    2  line 2\n    3  line 3"


def test_a_range_outside_the_file_is_cut_to_it():
    assert what_stands_there("a\nb", 0, 9) == "    1  a\n    2  b"
    assert what_stands_there("", 1, 3) == ""


def test_many_lines_are_cut_and_it_is_said():
    shown = what_stands_there(TEXT, 1, 30).split("\n")
    assert len(shown) == QUOTED_LINES_MAX + 1
    assert shown[-1].strip() == "(18 more)"


def test_a_long_or_odd_line_is_shortened_and_made_visible():
    assert len(quoted("x" * 10_000)) < 200
    assert quoted("a\x1b[31m\r") == "`a\\x1b[31m`"


def test_places_are_line_numbers_in_words():
    assert numbers([0]) == "line 1"
    assert numbers([0, 4, 9]) == "lines 1, 5 and 10"
    assert numbers(range(9)) == "lines 1, 2, 3, 4, 5 and others"
