import pytest

from autopack.edits.lines import Lines, content_lines, join, split


@pytest.mark.parametrize("text", ["", "a", "a\n", "\n", "a\n\nb", "\ufeff", "\ufeffa\r\n", "a\x0cb\u2028c\n"])
def test_a_text_split_and_joined_is_itself(text):
    assert join(split(text)) == text


def test_lines_end_at_line_feeds_only():
    assert split("a\x0cb\u2028c\x85d\re\n").bodies == ["a\x0cb\u2028c\x85d\re"]
    assert split("\ufeffa\r\nb") == Lines(["a\r", "b"], has_final_newline=False, has_bom=True)


def test_the_last_newline_of_content_ends_its_last_line():
    assert content_lines("") == []
    assert content_lines("\n") == [""]
    assert content_lines("a") == content_lines("a\n") == ["a"]
    assert content_lines("a\n\n") == ["a", ""]
