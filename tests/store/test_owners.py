import pytest

from autopack.store.owners import Owners, owner_of


@pytest.fixture
def owners(kept):
    return Owners(kept.database, "r", lambda: kept.at)


@pytest.fixture
def owner(kept):
    def found():
        with kept.database.read() as session:
            return owner_of(session.connection(), "r")

    return found


def test_the_owner_is_one_row_that_beats_until_it_is_released(kept, owners, owner):
    assert owner() is None
    owners.claim(11, 1.5, "boot")
    kept.at = 160.0
    owners.beat()
    assert (owner().pid, owner().started, owner().heartbeat) == (11, 1.5, 160.0)
    owners.release()
    assert owner() is None
    owners.beat()
    assert owner() is None, "a beat after the release brings nobody back"


def test_who_takes_over_replaces_the_dead_owner(owners, owner):
    owners.claim(11, 1.5, "boot")
    owners.claim(12, 2.5, "boot-2")
    assert (owner().pid, owner().boot_id) == (12, "boot-2")


def test_children_are_known_until_they_have_ended_and_to_their_own_run_alone(kept, owners):
    owners.started(21, 1.0, "boot")
    owners.started(21, 1.0, "boot")
    owners.started(22, 2.0, "boot")
    kept.create("s")
    others = Owners(kept.database, "s", lambda: 0.0)
    others.started(21, 1.0, "boot")
    owners.ended(21)
    assert [row.pid for row in owners.children()] == [22]
    assert [row.pid for row in others.children()] == [21]
