"""Decides which phase comes next, and which can no longer come. Pure."""

from collections.abc import Mapping

from autopack.core.plan import Plan
from autopack.core.states import LOST, PhaseState


def startable(plan: Plan, states: Mapping[str, PhaseState]) -> tuple[str, ...]:
    """The phases that could be worked on now: those a dead process left on their way, then queued ones whose dependencies are complete."""
    order = [phase.id for phase in plan.phases if phase.id in states]
    idle = {PhaseState.QUEUED, PhaseState.HELD, PhaseState.COMPLETE, *LOST}
    on_their_way = tuple(name for name in order if states[name] not in idle)
    return on_their_way + tuple(name for name in order if _is_ready(plan, name, states))


def lost_phases(plan: Plan, states: Mapping[str, PhaseState]) -> tuple[tuple[str, str], ...]:
    """Queued phases that can never start, each with the dependency that was lost, in the order of the plan."""
    lost = {name for name, state in states.items() if state in LOST}
    causes: dict[str, str] = {}
    known = -1
    while known < len(causes):
        known = len(causes)
        for phase in plan.phases:
            cause = next((name for name in phase.depends_on if name in lost or name in causes), None)
            if cause and states.get(phase.id) is PhaseState.QUEUED:
                causes.setdefault(phase.id, cause)
    return tuple((phase.id, causes[phase.id]) for phase in plan.phases if phase.id in causes)


def is_anything_to_buy(plan: Plan, states: Mapping[str, PhaseState]) -> bool:
    """Whether a model may have to be asked, for a phase under way or for one that is ready."""
    landed = {name for name, state in states.items() if state in (PhaseState.COMPLETE, PhaseState.INTEGRATING)}
    idle = {PhaseState.QUEUED, PhaseState.HELD, PhaseState.COMPLETE, PhaseState.INTEGRATING, *LOST}
    is_under_way = any(state not in idle for state in states.values())
    return is_under_way or any(states.get(phase.id) is PhaseState.QUEUED and landed.issuperset(phase.depends_on) for phase in plan.phases)


def _is_ready(plan: Plan, name: str, states: Mapping[str, PhaseState]) -> bool:
    return states[name] is PhaseState.QUEUED and all(states.get(needed) is PhaseState.COMPLETE for needed in plan.phase(name).depends_on)
