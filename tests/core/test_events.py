from autopack.core.events import EventName, phase_event, run_event, step_event
from autopack.core.states import PhaseState, RunState
from autopack.core.step_names import StepName, lap_of, step_of


def test_no_event_is_named_like_a_state_or_a_step():
    named = [*map(phase_event, PhaseState), *map(run_event, RunState), *map(step_event, StepName), *EventName]
    assert len(set(named)) == len(named)


def test_a_step_is_known_on_every_lap():
    assert [StepName.CHECK.on_lap(number) for number in (1, 2)] == ["check", "check.2"]
    assert all(step_of(name.on_lap(number)) == name for name in StepName for number in (1, 3))
    assert [lap_of(StepName.EXPLORE.on_lap(number)) for number in (1, 2, 12)] == [1, 2, 12]
