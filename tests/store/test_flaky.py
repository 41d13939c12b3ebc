"""Tests that come and go are counted by project: how often, in how many runs, first and last."""

from autopack.store.flaky import add_flaky, flaky_ids, flaky_tests


def seen(kept, tests, attempt, at):
    with kept.database.write() as session:
        add_flaky(session.connection(), tests, attempt, at)


def test_each_sight_counts_and_the_run_says_which_project_it_is(kept):
    kept.create("s")
    seen(kept, ["test_coin", "test_dice", "test_coin"], ("r", "one", 1), 10.0)
    seen(kept, ["test_coin"], ("r", "one", 2), 20.0)
    seen(kept, ["test_coin"], ("s", "one", 1), 30.0)
    project = kept.runs.find("r").project
    coin, dice = flaky_tests(kept.database, project)
    assert coin.model_dump() == {"test": "test_coin", "times": 3, "runs": 2, "first_seen": 10.0, "last_seen": 30.0}
    assert (dice.test, dice.times, dice.runs) == ("test_dice", 1, 1)
    assert flaky_ids(kept.database, project) == {"test_coin", "test_dice"}


def test_another_project_knows_none_of_them(kept):
    seen(kept, ["test_coin"], ("r", "one", 1), 10.0)
    assert flaky_tests(kept.database, "elsewhere") == ()
    assert flaky_ids(kept.database, "elsewhere") == frozenset()


def test_nothing_is_written_where_nothing_came_and_went(kept):
    seen(kept, [], ("r", "one", 1), 10.0)
    assert flaky_tests(kept.database, kept.runs.find("r").project) == ()
