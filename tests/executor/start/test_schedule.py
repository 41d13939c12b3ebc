from autopack.core.plan import Checks, CheckStep, PhaseScope, PhaseSpec, Plan
from autopack.core.states import PhaseState
from autopack.executor.start.schedule import is_anything_to_buy, lost_phases, startable
from autopack.executor.steer.verbs import dependents_of


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
BACKWARDS = plan_of(c=["b"], b=["a"], a=[], d=[])


def states(**given):
    return {name: given.get(name, PhaseState.QUEUED) for name in "abcd"}


def test_the_first_ready_phase_comes_first():
    assert startable(CHAIN, states()) == ("a", "d")


def test_a_phase_waits_for_its_dependency_but_others_go_on():
    assert startable(CHAIN, states(a=PhaseState.HELD)) == ("d",)


def test_a_phase_left_on_its_way_is_taken_up_before_any_other():
    assert startable(CHAIN, states(a=PhaseState.COMPLETE, d=PhaseState.CHECKING)) == ("d", "b")


def test_nothing_comes_when_everything_is_held_lost_or_complete():
    over = states(a=PhaseState.FAILED, b=PhaseState.SKIPPED, c=PhaseState.SKIPPED, d=PhaseState.COMPLETE)
    assert startable(CHAIN, over) == ()


def test_a_failure_skips_everything_behind_it_and_nothing_else():
    assert lost_phases(CHAIN, states(a=PhaseState.FAILED)) == (("b", "a"), ("c", "b"))
    assert lost_phases(CHAIN, states(a=PhaseState.COMPLETE)) == ()


def test_what_is_lost_does_not_hang_on_the_order_in_the_plan():
    assert dict(lost_phases(BACKWARDS, states(a=PhaseState.FAILED))) == {"c": "b", "b": "a"}
    assert dependents_of(BACKWARDS, "a") == ("c", "b")
    assert dependents_of(CHAIN, "b") == ("c",)


def test_nothing_is_bought_behind_what_is_held_or_lost_or_only_has_to_land():
    assert not is_anything_to_buy(CHAIN, states(a=PhaseState.HELD, d=PhaseState.COMPLETE))
    assert not is_anything_to_buy(CHAIN, states(a=PhaseState.SKIPPED, d=PhaseState.ROLLED_BACK))
    done = {"a": PhaseState.COMPLETE, "b": PhaseState.COMPLETE, "d": PhaseState.COMPLETE}
    assert not is_anything_to_buy(CHAIN, states(**done, c=PhaseState.INTEGRATING))


def test_a_model_has_to_be_asked_for_what_is_ready_or_on_its_way():
    assert is_anything_to_buy(CHAIN, states())
    assert is_anything_to_buy(CHAIN, states(a=PhaseState.INTEGRATING, d=PhaseState.COMPLETE)), "b is ready once a has landed"
    for state in (PhaseState.BUILDING, PhaseState.CHECKING, PhaseState.AUDITING, PhaseState.RECOVERING):
        assert is_anything_to_buy(CHAIN, states(a=state, d=PhaseState.COMPLETE))
    assert is_anything_to_buy(BACKWARDS, states(d=PhaseState.COMPLETE))
