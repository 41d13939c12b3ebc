import pytest

from autopack.memory.likeness import likeness


def test_the_same_words_are_wholly_alike_and_others_not_at_all():
    assert likeness({"a", "b"}, {"a", "b"}, {"a": 1}, 3) == pytest.approx(1)
    assert likeness({"a"}, {"b"}, {}, 3) == 0
    assert likeness(set(), set(), {}, 0) == 0


def test_a_rare_word_in_common_says_more_than_a_frequent_one():
    frequencies = {"test": 90, "voucher": 1, "x": 5, "y": 5}
    rare = likeness({"voucher", "x"}, {"voucher", "y"}, frequencies, 100)
    frequent = likeness({"test", "x"}, {"test", "y"}, frequencies, 100)
    assert rare > frequent > 0
