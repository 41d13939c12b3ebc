"""A plan that changed under a run: what has landed stays as it is, the rest follows the new plan by name."""

import hashlib

import pytest

from autopack.core.errors import InvalidInputError
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.land import land
from autopack.executor.start.plan_change import judge_change, take_change
from autopack.planning.plan_file import find_plan, load_plan
from tests.support.command import phase_of
from tests.support.run_context import CLOCK, FIRST, opened

ONE, TWO, THREE = (phase_of(name) for name in ("one", "two", "three"))


@pytest.fixture
def run(tmp_path):
    """Of three phases, the first of which has landed."""
    with opened(tmp_path, ONE, TWO, THREE) as run:
        step, candidate = run.gated({"app.txt": "two\n"})
        land(run.site, step, FIRST, candidate, tuple)
        yield run


def changed(run, *phases, **plan):
    """The plan as a person has changed it, and where it was read."""
    run.desk.plan(*phases, **plan)
    source = find_plan(run.repo, None)
    return load_plan(source, "shop", frozenset()), source


def refusals(run, *phases):
    with pytest.raises(InvalidInputError) as refused:
        judge_change(run.project, "r", run.ctx.plan, changed(run, *phases)[0])
    return refused.value.problems


def take(run, *phases, **plan):
    new, source = changed(run, *phases, **plan)
    judge_change(run.project, "r", run.ctx.plan, new)
    take_change(run.project, "r", (run.ctx.plan, new), source, CLOCK.now)
    return {row.phase_id: row.state for row in run.ctx.state.phases.all()}


def test_what_has_landed_cannot_vanish_change_or_move(run):
    assert refusals(run, TWO, THREE) == ("  phase 'one' has landed and cannot vanish",)
    assert refusals(run, phase_of("one", "docs/"), TWO, THREE) == ("  phase 'one' has landed and cannot change",)


def test_several_that_have_landed_cannot_change_their_order(run):
    step, candidate = run.gated({"app.txt": "three\n"}, "two")
    land(run.site, step, FIRST, candidate, tuple)
    assert refusals(run, phase_of("two", depends_on=[]), ONE, THREE)
    same_words = [{**phase, "depends_on": []} for phase in (TWO, ONE)]
    assert refusals(run, *same_words, THREE)


def test_a_new_phase_is_queued_in_its_place_and_one_that_vanished_is_skipped(run):
    assert take(run, ONE, phase_of("between"), TWO) == {"one": "complete", "between": "queued", "two": "queued", "three": "skipped"}


def test_a_candidate_that_is_held_for_a_phase_that_changed_is_dropped_and_one_of_a_phase_that_did_not_is_kept(run):
    for name in ("two", "three"):
        run.ctx.state.phases.move(name, PhaseEvent.HOLD)
    states = take(run, ONE, phase_of("two", "docs/"), THREE)
    assert (states["two"], states["three"]) == ("queued", "held")


def test_the_run_is_pinned_to_the_text_that_was_accepted(run):
    take(run, ONE, TWO, goal="Something else.")
    row = run.project.runs.plan("r")
    assert row.sha256 == hashlib.sha256(run.desk.repo.joinpath("autopack.yaml").read_bytes()).hexdigest()
    assert "Something else." in row.text
