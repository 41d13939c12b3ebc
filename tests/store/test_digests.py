from autopack.store.database import Database
from autopack.store.digests import Digests


def test_what_is_kept_is_found_and_nothing_else(tmp_path):
    digests = Digests(Database.open(tmp_path / "autopack.db"))
    digests.keep([("a", b"1"), ("b", b"2")])
    digests.keep([("a", b"1")])
    assert digests.find(["a", "c"]) == {"a": b"1"}
    assert digests.find([]) == {}


def test_only_the_newest_stay(tmp_path):
    digests = Digests(Database.open(tmp_path / "autopack.db"), kept=3)
    for number in range(5):
        digests.keep([(str(number), b"x")])
    assert sorted(digests.find(list("01234"))) == ["2", "3", "4"]


def test_very_many_are_found_at_once(tmp_path):
    digests = Digests(Database.open(tmp_path / "autopack.db"))
    many = [(str(number), b"x") for number in range(1_700)]
    digests.keep(many)
    assert digests.find([key for key, _ in many]) == dict(many)


def test_a_state_that_is_looked_at_only_learns_nothing_and_nothing_is_made_for_it(tmp_path):
    made = iter([("a", b"1")])
    Digests(Database.copy_of(tmp_path / "autopack.db")).keep(made)
    assert list(made) == [("a", b"1")]
    assert not (tmp_path / "autopack.db").exists()
