import pytest

from autopack.edits.match.forms import EXACT, WHITE_SPACE
from autopack.edits.match.index import SCANS_MAX, WORK_MAX, FileIndex
from autopack.edits.model import EditRefused

LINES = ["a", "b", "a", "b", "c", "  a", "b"]


@pytest.mark.parametrize("earlier_searches", [0, SCANS_MAX + 1])
def test_every_place_of_a_sequence_is_given_in_order(earlier_searches):
    index = FileIndex(LINES)
    for _ in range(earlier_searches):
        list(index.places(["zzz"], EXACT))
    assert list(index.places(["a", "b"], EXACT)) == [0, 2]
    assert list(index.places(["b"], EXACT)) == [1, 3, 6]
    assert list(index.places(["b", "c", "  a", "b"], EXACT)) == [3]
    assert list(index.places(["b", "b"], EXACT)) == []
    assert list(index.places([], EXACT)) == []
    assert index.count("b", EXACT) == 3


def test_a_form_brings_lines_together():
    assert list(FileIndex(LINES).places(["a", "b"], WHITE_SPACE)) == [0, 2, 5]


def test_a_sequence_stands_at_a_place_inside_the_file_only():
    index = FileIndex(LINES)
    assert index.stands_at(["a", "b"], 2, EXACT)
    assert not index.stands_at(["a", "b"], 1, EXACT)
    assert not index.stands_at(["b"], -1, EXACT)
    assert not index.stands_at(["b", "x"], 6, EXACT)


def test_a_search_without_end_is_given_up():
    index = FileIndex(["x"] * (WORK_MAX // 100))
    with pytest.raises(EditRefused) as refused:
        list(index.places(["x"] * 200 + ["y"], EXACT)) or list(index.places(["x"] * 200, EXACT))
    assert refused.value.code == "too_much_work"
