import pytest

from autopack.core.states import RunState
from autopack.store.run_list import Wanted, run_page
from tests.support.told_run import PLAN, ToldRun, told_repo


@pytest.fixture
def told(tmp_path):
    run = told_repo(tmp_path / "repo")
    yield run
    run.database.close()


def another(told, run_id, plan=PLAN):
    told.at += 100
    run = ToldRun(told.repo, run_id, at=told.at).create(plan)
    run.database.close()
    return run


def found(told, *, alive=(), **wanted):
    return [line.run_id for line in run_page(told.database, lambda run: run in alive, Wanted(**wanted)).runs]


def test_counts_and_costs_are_those_of_each_run(told):
    told.start()
    told.complete("add-model", {"src/a.py": "1\n"})
    told.ask(told.begin("add-basket"), "builder", "{}", usd=None)
    another(told, "shop-2")
    second, first = run_page(told.database, lambda _: True).runs
    assert (second.run_id, second.phases_done, second.phases_total, second.spent_usd, second.has_unknown_prices) == (
        "shop-2",
        0,
        3,
        0.0,
        False,
    )
    assert (first.run_id, first.phases_done, first.phases_total, first.has_unknown_prices) == ("shop-1", 1, 3, True)
    assert first.spent_usd == pytest.approx(0.0412)
    assert run_page(told.database, lambda _: True, Wanted(limit=1, after=told.runs.find("shop-2"))).runs == (first,)


def test_only_a_run_that_claims_an_owner_is_asked_for_one(told):
    asked = []
    assert run_page(told.database, lambda run: bool(asked.append(run))).runs[0].state == "interrupted"
    assert asked == []
    told.start()
    assert run_page(told.database, lambda run: not asked.append(run)).runs[0].state == "running"
    assert asked == ["shop-1"]


def test_a_run_whose_process_died_is_found_as_interrupted_and_not_as_running(told):
    told.start()
    running, interrupted = frozenset({RunState.RUNNING}), frozenset({RunState.INTERRUPTED})
    assert (found(told, states=running), found(told, states=interrupted)) == ([], ["shop-1"])
    assert (found(told, states=running, alive={"shop-1"}), found(told, states=interrupted, alive={"shop-1"})) == (["shop-1"], [])


def test_runs_are_found_by_project_text_and_time(told):
    other = another(told, "bakery-1", PLAN.replace("project: shop", "project: bakery").replace("sells things", "bakes 100%_bread"))
    assert found(told, project="bakery") == ["bakery-1"]
    assert found(told, text="THINGS") == ["shop-1"]
    assert found(told, text="autopack/") == ["bakery-1", "shop-1"]
    assert found(told, text="%_b") == ["bakery-1"]
    assert found(told, text="_") == ["bakery-1"]
    begun = told.runs.find("bakery-1").created_at
    assert found(told, since=begun) == ["bakery-1"]
    assert found(told, until=begun) == ["shop-1"]
    assert other.run_id == "bakery-1"


def test_pages_give_every_run_once_whatever_begins_meanwhile(told):
    for number in range(2, 7):
        another(told, f"shop-{number}")
    seen, after = [], None
    while True:
        page = run_page(told.database, lambda _: False, Wanted(limit=2, after=after))
        seen += [line.run_id for line in page.runs]
        if page.next is None:
            break
        after = told.runs.find(page.next)
        another(told, f"later-{len(seen)}")
    assert seen == [f"shop-{number}" for number in (6, 5, 4, 3, 2, 1)]
