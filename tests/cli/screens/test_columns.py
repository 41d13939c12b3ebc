from rich.text import Text

from autopack.cli.screens.columns import Column, in_columns

COLUMNS = (Column("ID"), Column("NOTE", rank=2), Column("N", rank=1, is_right=True))


def _lines(width, *rows):
    return [line.plain for line in in_columns(COLUMNS, [tuple(map(Text, row)) for row in rows], width)]


def test_columns_are_as_wide_as_their_widest_cell():
    assert _lines(None, ("a", "längst", "5"), ("bb", "", "1,000")) == ["ID  NOTE        N", "a   längst      5", "bb          1,000"]


def test_a_narrow_terminal_loses_columns_and_never_characters():
    row = ("a-very-long-id", "a note", "5")
    assert _lines(27, row) == ["ID              NOTE    N", "a-very-long-id  a note  5"]
    assert _lines(24, row) == ["ID              N", "a-very-long-id  5"]
    assert _lines(5, row) == ["ID", "a-very-long-id"]


def test_a_column_without_content_is_left_out():
    assert _lines(None, ("a", "", "5")) == ["ID  N", "a   5"]


def test_wide_characters_count_as_two():
    assert _lines(None, ("日本", "x", "1"), ("abcd", "x", "1"))[1:] == ["日本  x     1", "abcd  x     1"]


def test_a_column_that_wraps_is_narrowed_before_any_is_left_out():
    columns = (Column("ID"), Column("CHAIN", wraps=True), Column("N", rank=1))
    rows = [tuple(map(Text, ("a", "one/two-three, four/five-six, seven", "5")))]
    assert [line.plain for line in in_columns(columns, rows, 27)] == [
        "ID  CHAIN                 N",
        "a   one/two-three,        5",
        "    four/five-six, seven",
    ]
    assert next(line.plain for line in in_columns(columns, rows, 22)) == "ID  CHAIN"
