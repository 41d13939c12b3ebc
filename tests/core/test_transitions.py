from graphlib import TopologicalSorter

import pytest

from autopack.core.states import ENDED, WORKING, PhaseState, RunState
from autopack.core.transitions import (
    COUNTED,
    PHASE,
    RUN,
    Counted,
    ImpossibleTransition,
    PhaseEvent,
    RunEvent,
    mermaid,
    next_phase_state,
    next_run_state,
)


def test_the_straight_line_leads_from_queued_to_complete():
    state = PhaseState.QUEUED
    line = [
        PhaseEvent.START,
        PhaseEvent.REPLIED,
        PhaseEvent.CANDIDATE,
        PhaseEvent.CHECKED,
        PhaseEvent.AUDITED,
        PhaseEvent.ACCEPTED,
        PhaseEvent.INTEGRATED,
    ]
    for event in line:
        state = next_phase_state(state, event)
    assert state is PhaseState.COMPLETE


@pytest.mark.parametrize("state", WORKING)
def test_every_working_state_can_fail(state):
    assert next_phase_state(state, PhaseEvent.FAIL) is PhaseState.RECOVERING


def test_every_state_of_a_phase_can_be_reached():
    reached = {PhaseState.QUEUED, *PHASE.values()}
    assert reached == set(PhaseState)


def test_only_a_rollback_leads_out_of_complete():
    assert [event for state, event in PHASE if state is PhaseState.COMPLETE] == [PhaseEvent.ROLL_BACK]


def test_integrating_is_the_only_way_to_complete():
    assert [state for (state, _), target in PHASE.items() if target is PhaseState.COMPLETE] == [PhaseState.INTEGRATING]


def test_a_pair_that_is_not_in_the_table_is_a_defect():
    with pytest.raises(ImpossibleTransition, match="queued cannot take 'integrated'"):
        next_phase_state(PhaseState.QUEUED, PhaseEvent.INTEGRATED)
    with pytest.raises(ImpossibleTransition, match="complete cannot take 'wait'"):
        next_run_state(RunState.COMPLETE, RunEvent.WAIT)


def test_every_run_can_be_started_again_and_every_running_one_can_end():
    assert all(RUN[state, RunEvent.START] is RunState.RUNNING for state in RunState)
    ends = {target for (state, _), target in RUN.items() if state is RunState.RUNNING}
    assert {RunState.COMPLETE, RunState.FAILED, RunState.HELD, RunState.STOPPED, RunState.BLOCKED, RunState.INTERRUPTED} <= ends


@pytest.mark.parametrize(
    ("table", "first", "line"),
    [(PHASE, PhaseState.QUEUED, "checking --> auditing: checked"), (RUN, RunState.INTERRUPTED, "running --> held: hold")],
    ids=["phases", "runs"],
)
def test_a_diagram_names_every_transition_once(table, first, line):
    lines = mermaid(table, first).splitlines()
    assert len(lines) == len(set(lines)) == len(table) + 2
    assert f"    [*] --> {first}" in lines
    assert f"    {line}" in lines


def test_no_way_leads_back_to_a_model_without_counting_against_something():
    """Without the counted transitions the graph has an order, so no state is ever come back to."""
    before = {state: {old for (old, event), new in PHASE.items() if new is state and (old, event) not in COUNTED} for state in PhaseState}
    assert set(TopologicalSorter(before).static_order()) == set(PhaseState), "CycleError names a way round that nothing bounds"


def test_what_is_counted_is_a_transition_and_only_a_person_leads_out_of_waiting_or_an_end():
    assert set(COUNTED) <= set(PHASE)
    still = {PhaseState.HELD, *ENDED}
    back = {(state, event) for (state, event), new in PHASE.items() if state in still and new not in still}
    assert {COUNTED[edge] for edge in back} == {Counted.PERSON}


def test_ended_states_are_no_working_states():
    assert not ENDED & set(WORKING)
