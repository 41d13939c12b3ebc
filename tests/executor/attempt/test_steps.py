"""A step of an attempt happens once: its result is recorded with the transition that it makes, and read back ever after."""

import pytest

from autopack.core.errors import StopRequested
from autopack.core.step_names import StepName
from autopack.core.transitions import ImpossibleTransition, PhaseEvent
from autopack.executor.attempt.steps import Lap, Reached, Recording

REPLIED = Recording(PhaseEvent.REPLIED)


def never():
    raise AssertionError("it ran")


def test_a_result_is_recorded_with_its_transition_and_its_event(run):
    step = run.begin()
    assert step(StepName.REPLY, Reached, lambda: Reached(ordinal=3), lambda _: REPLIED) == Reached(ordinal=3)
    assert run.state() == "applying"
    assert run.told[-1].event == "phase_applying"
    assert run.ctx.state.phases.step_results(step.key) == {"reply": '{"ordinal":3}'}


def test_a_recorded_step_never_runs_again_in_this_start_nor_in_the_next(run):
    step = run.begin()
    step(StepName.REPLY, Reached, lambda: Reached(ordinal=3), lambda _: REPLIED)
    for known in (step, run.steps(step.key)):
        assert known(StepName.REPLY, Reached, never, lambda _: REPLIED) == Reached(ordinal=3)
    assert run.state() == "applying"


def test_what_raises_leaves_no_record_and_no_transition(run):
    step = run.begin()
    with pytest.raises(AssertionError, match="it ran"):
        step(StepName.REPLY, Reached, never, lambda _: REPLIED)
    assert run.steps(step.key).results == step.results == {}
    assert run.state() == "building"


def test_a_result_whose_transition_is_impossible_is_not_recorded_either(run):
    step = run.begin()
    with pytest.raises(ImpossibleTransition):
        step(StepName.REPLY, Reached, lambda: Reached(ordinal=3), lambda _: Recording(PhaseEvent.INTEGRATED))
    assert run.steps(step.key).results == step.results == {}


def test_a_stop_is_heard_before_a_step_and_what_is_recorded_is_still_given(run):
    step = run.begin()
    step(StepName.REPLY, Reached, lambda: Reached(ordinal=3), lambda _: REPLIED)
    run.project.runs.change("r", stop_requested=True)
    assert step(StepName.REPLY, Reached, never, lambda _: REPLIED) == Reached(ordinal=3)
    with pytest.raises(StopRequested):
        step(StepName.DERIVE, Reached, never, lambda _: Recording())
    assert run.state() == "applying"


def test_a_step_that_had_to_run_once_more_counts_from_then_on(run):
    step = run.begin()
    step(StepName.REPLY, Reached, lambda: Reached(ordinal=3), lambda _: REPLIED)
    step.record_again(StepName.REPLY, Reached(ordinal=4))
    for known in (step, run.steps(step.key)):
        assert known.recorded(StepName.REPLY, Reached) == Reached(ordinal=4)


def test_each_head_that_a_change_is_laid_on_has_steps_and_logs_of_its_own():
    first = Lap(1)
    assert (first.name(StepName.CHECK), first.of_attempt(2)) == ("check", "2")
    assert (first.next().name(StepName.CHECK), first.next().of_attempt(2)) == ("check.2", "2.2")
