from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from autopack.cli.screens.columns import wrapped


def lines(text, width):
    return [line.plain for line in wrapped(Text(text), width)]


def test_a_short_text_is_one_line():
    assert lines("", 5) == [""]
    assert lines("abcde", 5) == ["abcde"]


def test_it_breaks_at_spaces_then_at_marks_then_anywhere():
    assert lines("one two three", 8) == ["one two", "three"]
    assert lines("/home/user/.config/autopack", 14) == ["/home/user/.", "config/", "autopack"]
    assert lines("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_styles_stay_with_their_words():
    text = Text.assemble(("one", "bold"), " ", ("two", "dim"))
    assert [line.spans[0].style for line in wrapped(text, 4)] == ["bold", "dim"]


@given(st.text(st.characters(exclude_categories=["C", "M"])), st.integers(2, 20))
def test_no_character_is_lost_and_no_line_too_wide(text, width):
    found = lines(text, width)
    assert all(cell_len(line) <= width for line in found)
    assert "".join("".join(found).split()) == "".join(text.split())
