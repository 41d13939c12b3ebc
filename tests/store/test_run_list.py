import pytest

from autopack.store.run_list import run_lines
from tests.support.told_run import ToldRun, told_repo


@pytest.fixture
def told(tmp_path):
    run = told_repo(tmp_path / "repo")
    yield run
    run.database.close()


def test_counts_and_costs_are_those_of_each_run(told):
    told.start()
    told.complete("add-model", {"src/a.py": "1\n"})
    told.ask(told.begin("add-basket"), "builder", "{}", usd=None)
    other = ToldRun(told.repo, "shop-2", at=told.at).create()
    other.database.close()
    second, first = run_lines(told.database, lambda _: True)
    assert (second.run_id, second.phases_done, second.phases_total, second.spent_usd, second.has_unknown_prices) == (
        "shop-2",
        0,
        3,
        0.0,
        False,
    )
    assert (first.run_id, first.phases_done, first.phases_total, first.has_unknown_prices) == ("shop-1", 1, 3, True)
    assert first.spent_usd == pytest.approx(0.0412)


def test_only_a_run_that_claims_an_owner_is_asked_for_one(told):
    asked = []
    assert run_lines(told.database, lambda run: bool(asked.append(run)))[0].state == "interrupted"
    assert asked == []
    told.start()
    assert run_lines(told.database, lambda run: not asked.append(run))[0].state == "running"
    assert asked == ["shop-1"]
