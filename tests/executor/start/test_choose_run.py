"""Which run a start is about: a new one, or an earlier one with the plan that it is pinned to; what is unclear is asked back."""

import time

import pytest

from autopack.core.errors import InvalidInputError, LockedError, UsageError
from autopack.core.transitions import PhaseEvent, RunEvent
from autopack.executor.attempt.land import land
from autopack.executor.options import RunOptions
from autopack.executor.start.choose_run import as_it_stands, choose_run
from autopack.executor.steer.verbs import retry
from autopack.store.steering import Wishes
from tests.support.command import Desk, phase_of
from tests.support.run_context import FIRST, opened, project_of, started

NOW = 1_700_000_000.0
DAY = time.strftime("%Y%m%d", time.localtime(NOW))


@pytest.fixture
def desk(tmp_path):
    """A repository with a plan, and no run yet."""
    desk = Desk.make(tmp_path)
    desk.plan()
    return desk


def choose(desk, **options):
    with project_of(desk) as (project, _):
        return choose_run(project, RunOptions(desk.repo, **options), NOW)


def refusal(kind, desk, **options):
    with pytest.raises(kind) as refused:
        choose(desk, **options)
    return refused.value


def test_a_new_run_is_named_by_project_and_day_and_starts_from_the_checked_out_commit(desk):
    chosen = choose(desk)
    assert (chosen.run_id, chosen.row, chosen.base) == (f"shop-{DAY}-1", None, desk.git("rev-parse", "main"))
    assert [phase.id for phase in chosen.plan.phases] == ["one"]


def test_the_base_of_the_plan_counts_unless_a_person_names_another(desk):
    desk.git("branch", "older")
    desk.git("commit", "-q", "--allow-empty", "-m", "newer")
    desk.plan(base="older")
    assert choose(desk).base == desk.git("rev-parse", "older")
    assert choose(desk, base="main").base == desk.git("rev-parse", "main")


def test_run_typed_again_goes_on_with_the_newest_run_of_the_plan(desk):
    with started(desk):
        pass
    chosen = choose(desk)
    assert (chosen.run_id, chosen.row.run_id, chosen.is_over) == ("r", "r", False)


def test_a_run_of_the_plan_that_has_ended_is_not_begun_again_until_a_person_decides_something(desk):
    with started(desk) as run:
        run.ctx.state.phases.move("one", PhaseEvent.SKIP)
        run.project.runs.move("r", RunEvent.FAIL)
        assert choose(desk).is_over
        retry(run.helm, "one", Wishes())
        assert not choose(desk).is_over


@pytest.mark.parametrize("options", [{"is_new": True}, {"run_id": "other"}])
def test_a_new_run_is_made_where_a_person_asks_for_one_though_another_has_not_ended(desk, options):
    with started(desk):
        pass
    assert choose(desk, **options).row is None


def test_resume_without_any_run_says_how_to_make_one(desk):
    assert refusal(UsageError, desk, creates=False).next_command == "autopack run"


def test_resume_of_an_unknown_run_asks_back_with_the_nearest_name(desk):
    with started(desk):
        pass
    assert "Did you mean 'r'?" in refusal(UsageError, desk, run_id="rr", creates=False).message


def test_an_id_one_slip_away_from_a_run_that_can_go_on_makes_no_new_run(desk):
    with opened(desk.home.parent / "other") as run:
        nearby = run.desk
    refused = refusal(UsageError, nearby, run_id="s")
    assert (refused.message.partition(",")[0], refused.next_command) == ("there is no run 's'", "autopack resume r")
    assert choose(nearby, run_id="s", is_new=True).row is None


def test_a_taken_id_is_no_new_run(desk):
    with started(desk):
        pass
    assert refusal(UsageError, desk, run_id="r", is_new=True).next_command == "autopack resume r"


def test_a_run_that_has_its_base_takes_no_other(desk):
    with started(desk):
        pass
    assert "has its base already" in refusal(UsageError, desk, run_id="r", base="main").message


def test_a_plan_that_changed_is_refused_with_what_changed_and_with_the_ways_on(desk):
    with started(desk):
        pass
    desk.plan(phase_of("one"), phase_of("two"))
    refused = refusal(InvalidInputError, desk, run_id="r")
    assert "the plan has changed since run 'r' began" in refused.message
    assert "autopack resume r --accept-plan-change" in refused.message
    assert any("two" in problem for problem in refused.problems)


def test_a_change_that_a_person_accepts_comes_with_the_plan_so_far(desk):
    with started(desk):
        pass
    desk.plan(phase_of("one"), phase_of("two"))
    chosen = choose(desk, run_id="r", accepts_plan_change=True)
    assert [phase.id for phase in chosen.plan.phases] == ["one", "two"]
    assert [phase.id for phase in chosen.was.phases] == ["one"]


@pytest.mark.parametrize("change", ["comment", "gone"])
def test_a_plan_that_says_the_same_or_is_gone_changes_nothing(desk, change):
    with started(desk):
        pass
    file = desk.repo / "autopack.yaml"
    if change == "gone":
        file.unlink()
    else:
        file.write_text("# a comment\n" + file.read_text())
    chosen = choose(desk, run_id="r", creates=False)
    assert (chosen.was, [phase.id for phase in chosen.plan.phases]) == (None, ["one"])


def test_a_new_run_does_not_buy_again_what_an_earlier_one_landed_on_its_base(tmp_path):
    with opened(tmp_path, phase_of("one"), phase_of("two")) as run:
        step, candidate = run.gated({"app.txt": "two\n"})
        land(run.site, step, FIRST, candidate, tuple)
    run.git("merge", "-q", "--ff-only", "autopack/r")
    assert choose(run.desk, is_new=True).landed == {"one": candidate.commit}
    run.desk.plan(phase_of("one", description="Something else."), phase_of("two"))
    assert choose(run.desk, is_new=True).landed == {}


def test_an_id_that_another_process_took_meanwhile_is_asked_for_again(desk):
    with project_of(desk) as (project, _):
        chosen = choose_run(project, RunOptions(desk.repo), NOW)
        other = choose_run(project, RunOptions(desk.repo, "r"), NOW)
        with started(desk):
            assert as_it_stands(project, chosen, RunOptions(desk.repo), NOW) is chosen
            assert as_it_stands(project, other, RunOptions(desk.repo, "r"), NOW).row.run_id == "r"
            with pytest.raises(LockedError, match="another process took the id 'r'"):
                as_it_stands(project, other, RunOptions(desk.repo), NOW)
