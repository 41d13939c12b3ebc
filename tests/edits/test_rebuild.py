import pytest

from autopack.edits.lines import split
from autopack.edits.model import EditRefused
from autopack.edits.rebuild import LineChange, rebuilt


@pytest.mark.parametrize("text", ["", "\n", "a", "a\n", "a\n\n", "\ufeff", "\ufeffa", "a\r\nb", "\r", "a\rb\n", "\n\n\n"])
def test_a_text_without_changes_is_itself(text):
    assert rebuilt(split(text), []) == text


def test_changes_are_made_in_the_text_s_own_coordinates():
    changes = [LineChange(2, 3, ["C", "C2"], "x"), LineChange(0, 1, [], "y")]
    assert rebuilt(split("a\nb\nc\n"), changes) == "b\nC\nC2\n"


def test_an_overlap_names_both_changes_and_the_line():
    with pytest.raises(EditRefused) as refused:
        rebuilt(split("a\nb\nc\n"), [LineChange(0, 2, ["x"], "this"), LineChange(1, 3, ["y"], "that")])
    assert refused.value.message == "This and that both change line 2; make one change of them."


def test_literal_lines_keep_their_carriage_returns():
    assert rebuilt(split("a\r\nb\r\n"), [LineChange(1, 2, ["x"], "", is_literal=True)]) == "a\r\nx\n"
    assert rebuilt(split("a\r\nb\r\n"), [LineChange(1, 2, ["x"], "")]) == "a\r\nx\r\n"
