from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec, Plan
from autopack.core.states import PhaseState
from autopack.executor.schedule import lost_phases, next_phase


def plan_of(**needs):
    phases = tuple(
        PhaseSpec(
            id=name,
            description="d",
            scope=PhaseScope(paths=("a.py",)),
            ci=Checks(steps=(CheckStep(command="true"),)),
            depends_on=tuple(needed),
        )
        for name, needed in needs.items()
    )
    return Plan(project="p", goal="g", phases=phases)


CHAIN = plan_of(a=[], b=["a"], c=["b"], d=[])


def states(**given):
    return {name: given.get(name, PhaseState.QUEUED) for name in "abcd"}


def test_the_first_ready_phase_comes_first():
    assert next_phase(CHAIN, states()) == "a"


def test_a_phase_waits_for_its_dependency_but_others_go_on():
    assert next_phase(CHAIN, states(a=PhaseState.HELD)) == "d"


def test_a_phase_left_on_its_way_is_taken_up_before_any_other():
    assert next_phase(CHAIN, states(a=PhaseState.COMPLETE, d=PhaseState.CHECKING)) == "d"


def test_nothing_comes_when_everything_is_held_lost_or_complete():
    over = states(a=PhaseState.FAILED, b=PhaseState.SKIPPED, c=PhaseState.SKIPPED, d=PhaseState.COMPLETE)
    assert next_phase(CHAIN, over) is None


def test_a_failure_skips_everything_behind_it_and_nothing_else():
    assert lost_phases(CHAIN, states(a=PhaseState.FAILED)) == (("b", "a"), ("c", "b"))
    assert lost_phases(CHAIN, states(a=PhaseState.COMPLETE)) == ()
