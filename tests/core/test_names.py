import pytest

from autopack.core.names import is_one_slip_away, is_valid_id, nearest, slug


@pytest.mark.parametrize("good", ["a", "shop-20261123-1", "x.y_z", "0" * 64])
def test_ids_that_can_be_branches_and_folders(good):
    assert is_valid_id(good)


@pytest.mark.parametrize("bad", ["", "A", "a/b", "-a", "a..b", "a.", "a.lock", "ä", "a" * 65, "a b", "a\n", "..", "."])
def test_ids_that_cannot(bad):
    assert not is_valid_id(bad)


@pytest.mark.parametrize(
    ("text", "expected"), [("My Shop!", "my-shop"), ("Über uns", "ber-uns"), ("...", "project"), ("a..b", "a.b"), ("x.lock", "x")]
)
def test_any_text_has_a_nearest_id(text, expected):
    assert slug(text) == expected
    assert is_valid_id(slug(text))


@pytest.mark.parametrize("other", ["nightl", "nightlyy", "nihgtly", "nightlx", "ightly"])
def test_one_slip_is_seen(other):
    assert is_one_slip_away("nightly", other)
    assert is_one_slip_away(other, "nightly")


@pytest.mark.parametrize("other", ["nightly", "nigh", "daily", "nightlyyy", "inghtyl"])
def test_equal_words_and_other_words_are_no_slip(other):
    assert not is_one_slip_away("nightly", other)


def test_the_nearest_known_word_is_found_or_none():
    assert nearest("comand", ["command", "cwd"]) == "command"
    assert nearest("zzz", ["command", "cwd"]) is None
