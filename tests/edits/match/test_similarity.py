from autopack.edits.match.forms import EXACT
from autopack.edits.match.index import FileIndex
from autopack.edits.match.similarity import is_alike

LINES = ["def a():", "    one = 1", "    two = 2", "    return one", "}"] + ["}"] * 50


def expected(*lines):
    return [(line, at) for at, line in enumerate(lines)]


def test_most_lines_in_place_are_alike():
    assert is_alike(expected("def a():", "    one = 1", "    two = 22", "    return one"), FileIndex(LINES), EXACT)


def test_few_lines_in_place_are_not():
    assert not is_alike(expected("def a():", "    one = 11", "    two = 22", "    return one"), FileIndex(LINES), EXACT)


def test_common_and_blank_lines_tell_nothing():
    assert not is_alike([("}", at) for at in range(4, 12)] + [("", 60)], FileIndex(LINES), EXACT)
