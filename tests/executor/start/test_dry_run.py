"""What a run would do is said without making anything or asking anybody."""

import os
from unittest import mock

import pytest

from autopack.core.errors import InvalidInputError, UsageError
from autopack.core.transitions import PhaseEvent
from autopack.executor.attempt.land import land
from autopack.executor.options import RunOptions
from autopack.executor.start.dry_run import outlook
from tests.support.command import Desk, phase_of
from tests.support.run_context import CLOCK, FIRST, QUIET, started

KEYED = {"ANTHROPIC_API_KEY": "k-0123456789"}


@pytest.fixture
def desk(tmp_path):
    """A plan of two phases, the second after the first, and a key."""
    desk = Desk.make(tmp_path).with_env(**QUIET, **KEYED)
    desk.plan(phase_of("one"), phase_of("two", "docs/", complexity="high", ci={"skip": True, "reason": "only words"}))
    return desk


def look(desk, **options):
    with mock.patch.dict(os.environ, desk.environment, clear=True):
        return outlook(RunOptions(desk.repo, **options), CLOCK)


def test_each_phase_is_told_with_who_is_asked_what_is_checked_and_what_is_shown(desk):
    seen = look(desk)
    one, two = seen.phases
    assert (one.id, one.state, one.checks, one.complexity) == ("one", "queued", ("sh check.sh",), "low")
    assert (two.depends_on, two.unchecked_because, two.complexity) == (("one",), "only words", "high")
    assert [(file.path, file.mode, file.lines) for file in one.context.files] == [("app.txt", "full_file", ((1, 2),))]
    assert one.models.builder
    assert one.models.auditor
    assert (seen.state, seen.base_commit, seen.notes) == (None, desk.git("rev-parse", "main"), ())


def test_nothing_is_made(desk):
    before = sorted(desk.repo.parent.rglob("*"))
    look(desk)
    assert sorted(desk.repo.parent.rglob("*")) == before


def test_what_is_likely_is_less_than_what_is_possible_and_the_phases_are_summed_up(desk):
    seen = look(desk)
    assert all(0 < phase.usd.likely < phase.usd.most for phase in seen.phases)
    assert seen.usd.likely == pytest.approx(sum(phase.usd.likely for phase in seen.phases))
    assert seen.usd.most == pytest.approx(sum(phase.usd.most for phase in seen.phases))


def test_no_more_than_the_cap_is_possible_and_a_phase_that_does_not_fit_is_said(desk):
    assert look(desk, max_usd=0.5).usd.most == 0.5
    assert look(desk, max_tokens=1).notes


def test_without_a_key_no_price_is_known_and_the_models_that_are_passed_over_are_named(desk):
    one = look(desk.without("ANTHROPIC_API_KEY")).phases[0]
    assert (one.usd.likely, one.usd.most, one.models.builder) == (None, None, ())
    assert one.models.without_key


def test_of_a_phase_that_has_ended_nothing_is_to_be_done_and_the_next_starts_from_its_commit(desk):
    with started(desk) as run:
        step, candidate = run.gated({"app.txt": "two\n", "docs/notes.txt": "longer\nnotes\n"})
        land(run.site, step, FIRST, candidate, tuple)
    seen = look(desk, run_id="r", creates=False)
    one, two = seen.phases
    assert (one.state, one.commit, one.checks, one.usd.most) == ("complete", candidate.commit, (), None)
    assert [file.lines for file in two.context.files if file.path == "docs/notes.txt"] == [((1, 3),)]
    assert seen.usd.most == pytest.approx(two.usd.most)


def test_a_run_whose_phases_have_all_ended_costs_nothing_more(desk):
    with started(desk) as run:
        for name in ("one", "two"):
            run.ctx.state.phases.move(name, PhaseEvent.SKIP)
    seen = look(desk, run_id="r", creates=False)
    assert ([phase.state for phase in seen.phases], seen.usd.most) == (["skipped", "skipped"], 0)


def test_what_would_refuse_a_run_refuses_its_outlook(desk):
    with pytest.raises(UsageError, match="cannot be a run id"):
        look(desk, run_id="No Id")
    with pytest.raises(UsageError):
        look(desk, model="nobody's-model")
    (desk.repo / "autopack.yaml").write_text("phases: []\n")
    with pytest.raises(InvalidInputError):
        look(desk)
