from autopack.dashboard.finding import FoundRun
from autopack.dashboard.read_plans import MOST, ReadPlans
from tests.support.dashboard import served
from tests.support.told_run import PLAN, ToldRun, told_repo


def test_a_plan_is_read_once_for_all_who_ask(desk, told):
    place = desk.server.places.all[0]
    plans = []
    for _ in range(2):
        with place.looking() as project:
            plans.append(FoundRun(place, project, project.run("shop-1")).plan)
    assert [phase.id for phase in plans[0].phases] == ["add-model", "add-basket", "add-checkout"]
    assert plans[0] is plans[1]


def test_a_run_that_was_made_again_under_the_same_name_has_its_own_plan(desk, tmp_path):
    place, read = desk.server.places.all[0], ReadPlans()
    with place.looking() as project:
        first = read.of(project, project.run("shop-1"))
    other = told_repo(tmp_path / "other", is_empty=True)
    other.create(PLAN.replace("A shop that", "Another shop that")).database.close()
    with served(tmp_path, other.repo) as another, another.server.places.all[0].looking() as project:
        second = read.of(project, project.run("shop-1"))
    assert (first.goal.partition(" ")[0], second.goal.partition(" ")[0]) == ("A", "Another")


def test_a_plan_that_this_version_does_not_take_is_none(desk, told):
    with told.database.write() as session:
        session.connection().exec_driver_sql("UPDATE plan SET text = 'version: 99'")
    with desk.server.places.all[0].looking() as project:
        assert ReadPlans().of(project, project.run("shop-1")) is None


def test_few_plans_are_kept(desk, told):
    read, runs = ReadPlans(), [ToldRun(told.repo, f"more-{number}") for number in range(MOST + 2)]
    for run in runs:
        run.create().database.close()
    with desk.server.places.all[0].looking() as project:
        plans = [read.of(project, project.run(run.run_id)) for run in runs]
        assert read.of(project, project.run(runs[-1].run_id)) is plans[-1]
        assert read.of(project, project.run(runs[0].run_id)) is not plans[0]
