from autopack.context.blocks import Block
from autopack.context.fit import fit
from autopack.context.ranking import Ranked

LINES = tuple(f"line {n}" for n in range(1, 201))


def ranked(path, first, last, score=1.0):
    return Ranked(path, Block(first, last, ()), score, "words")


def test_a_block_brings_its_edges():
    assert fit([ranked("a.txt", 50, 60)], {"a.txt": LINES}, 1_000)["a.txt"].lines == set(range(47, 64))


def test_a_block_brings_the_imports_of_its_file():
    lines = ("import json", "", *LINES)
    assert {1, 2} <= fit([ranked("a.py", 50, 60)], {"a.py": lines}, 1_000)["a.py"].lines


def test_a_block_that_does_not_fit_is_passed_over_for_one_that_does():
    found = fit([ranked("a.txt", 1, 150), ranked("b.txt", 10, 12)], {"a.txt": LINES, "b.txt": LINES}, 500)
    assert set(found) == {"b.txt"}


def test_no_more_is_taken_than_there_is_room_for():
    found = fit([ranked("a.txt", first, first + 9) for first in range(1, 190, 10)], {"a.txt": LINES}, 600)
    assert 0 < sum(len(LINES[number - 1]) + 5 for number in found["a.txt"].lines) <= 600


def test_a_file_of_which_most_is_shown_is_shown_whole():
    assert fit([ranked("a.txt", 1, 160)], {"a.txt": LINES}, 100_000)["a.txt"].lines == set(range(1, 201))
