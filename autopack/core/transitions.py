"""One table each for phases and runs: (state, event) -> state. A pair that is not in it is a defect."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from autopack.core.states import WORKING, PhaseState, RunState

State = TypeVar("State", bound=StrEnum)
Word = TypeVar("Word", bound=StrEnum)


class PhaseEvent(StrEnum):
    START = "start"
    REPLIED = "replied"
    CANDIDATE = "candidate"
    CHECKED = "checked"
    AUDITED = "audited"
    ACCEPTED = "accepted"
    INTEGRATED = "integrated"
    HEAD_MOVED = "head_moved"
    FAIL = "fail"
    GRANT = "grant"
    RETRY = "retry"
    HOLD = "hold"
    GIVE_UP = "give_up"
    SKIP = "skip"
    APPROVE = "approve"
    REJECT = "reject"
    ADOPT = "adopt"
    ROLL_BACK = "roll_back"


class RunEvent(StrEnum):
    START = "start"
    WAIT = "wait"
    WAKE = "wake"
    FINISH = "finish"
    FAIL = "fail"
    HOLD = "hold"
    STOP = "stop"
    BLOCK = "block"
    INTERRUPT = "interrupt"
    ROLL_BACK = "roll_back"


class ImpossibleTransition(Exception):  # noqa: N818 - a defect of Autopack, named by what it is
    """A state machine was asked for a step that its table does not hold."""


PHASE: Final[dict[tuple[PhaseState, PhaseEvent], PhaseState]] = {
    (PhaseState.QUEUED, PhaseEvent.START): PhaseState.BUILDING,
    (PhaseState.BUILDING, PhaseEvent.REPLIED): PhaseState.APPLYING,
    (PhaseState.APPLYING, PhaseEvent.CANDIDATE): PhaseState.CHECKING,
    (PhaseState.CHECKING, PhaseEvent.CHECKED): PhaseState.AUDITING,
    (PhaseState.AUDITING, PhaseEvent.AUDITED): PhaseState.GATING,
    (PhaseState.GATING, PhaseEvent.ACCEPTED): PhaseState.INTEGRATING,
    (PhaseState.GATING, PhaseEvent.HOLD): PhaseState.HELD,
    (PhaseState.INTEGRATING, PhaseEvent.INTEGRATED): PhaseState.COMPLETE,
    (PhaseState.INTEGRATING, PhaseEvent.HEAD_MOVED): PhaseState.CHECKING,
    (PhaseState.INTEGRATING, PhaseEvent.HOLD): PhaseState.HELD,
    **{(state, PhaseEvent.FAIL): PhaseState.RECOVERING for state in WORKING},
    (PhaseState.APPLYING, PhaseEvent.GRANT): PhaseState.QUEUED,
    (PhaseState.RECOVERING, PhaseEvent.RETRY): PhaseState.QUEUED,
    (PhaseState.RECOVERING, PhaseEvent.HOLD): PhaseState.HELD,
    (PhaseState.RECOVERING, PhaseEvent.SKIP): PhaseState.SKIPPED,
    (PhaseState.RECOVERING, PhaseEvent.GIVE_UP): PhaseState.FAILED,
    (PhaseState.QUEUED, PhaseEvent.SKIP): PhaseState.SKIPPED,
    (PhaseState.QUEUED, PhaseEvent.HOLD): PhaseState.HELD,
    (PhaseState.HELD, PhaseEvent.APPROVE): PhaseState.INTEGRATING,
    (PhaseState.HELD, PhaseEvent.REJECT): PhaseState.RECOVERING,
    (PhaseState.HELD, PhaseEvent.RETRY): PhaseState.QUEUED,
    (PhaseState.HELD, PhaseEvent.ADOPT): PhaseState.CHECKING,
    (PhaseState.HELD, PhaseEvent.SKIP): PhaseState.SKIPPED,
    (PhaseState.FAILED, PhaseEvent.RETRY): PhaseState.QUEUED,
    (PhaseState.SKIPPED, PhaseEvent.RETRY): PhaseState.QUEUED,
    (PhaseState.ROLLED_BACK, PhaseEvent.RETRY): PhaseState.QUEUED,
    (PhaseState.COMPLETE, PhaseEvent.ROLL_BACK): PhaseState.ROLLED_BACK,
}


class Counted(StrEnum):
    """What a transition that leads back towards a model call is counted against."""

    ATTEMPTS = "attempts"
    GRANTS = "grants"
    PERSON = "a person"


COUNTED: Final[dict[tuple[PhaseState, PhaseEvent], Counted]] = {
    (PhaseState.RECOVERING, PhaseEvent.RETRY): Counted.ATTEMPTS,
    (PhaseState.APPLYING, PhaseEvent.GRANT): Counted.GRANTS,
    (PhaseState.INTEGRATING, PhaseEvent.HEAD_MOVED): Counted.PERSON,
    (PhaseState.HELD, PhaseEvent.APPROVE): Counted.PERSON,
    (PhaseState.HELD, PhaseEvent.REJECT): Counted.PERSON,
    (PhaseState.HELD, PhaseEvent.RETRY): Counted.PERSON,
    (PhaseState.HELD, PhaseEvent.ADOPT): Counted.PERSON,
    (PhaseState.FAILED, PhaseEvent.RETRY): Counted.PERSON,
    (PhaseState.SKIPPED, PhaseEvent.RETRY): Counted.PERSON,
    (PhaseState.ROLLED_BACK, PhaseEvent.RETRY): Counted.PERSON,
}
"""Without these the table has no way round: a phase that nobody touches asks models a bounded number of times. A head moves only under
somebody's commit, and the verdict on an unchanged patch stands."""

_ENDS: Final = {
    RunEvent.FINISH: RunState.COMPLETE,
    RunEvent.FAIL: RunState.FAILED,
    RunEvent.HOLD: RunState.HELD,
    RunEvent.STOP: RunState.STOPPED,
    RunEvent.BLOCK: RunState.BLOCKED,
    RunEvent.INTERRUPT: RunState.INTERRUPTED,
}

RUN: Final[dict[tuple[RunState, RunEvent], RunState]] = {
    **{(state, RunEvent.START): RunState.RUNNING for state in RunState},
    (RunState.RUNNING, RunEvent.WAIT): RunState.WAITING,
    (RunState.WAITING, RunEvent.WAKE): RunState.RUNNING,
    **{(state, event): end for state in (RunState.RUNNING, RunState.WAITING) for event, end in _ENDS.items()},
    **{(state, RunEvent.ROLL_BACK): RunState.ROLLED_BACK for state in RunState if state not in (RunState.RUNNING, RunState.WAITING)},
}


def next_phase_state(state: PhaseState, event: PhaseEvent) -> PhaseState:
    """The state that follows; raises ImpossibleTransition where the table holds none."""
    try:
        return PHASE[state, event]
    except KeyError:
        raise ImpossibleTransition(f"a phase that is {state} cannot take '{event}'") from None


def next_run_state(state: RunState, event: RunEvent) -> RunState:
    """The state that follows; raises ImpossibleTransition where the table holds none."""
    try:
        return RUN[state, event]
    except KeyError:
        raise ImpossibleTransition(f"a run that is {state} cannot take '{event}'") from None


def mermaid(table: Mapping[tuple[State, Word], State], first: State, counted: Mapping[tuple[State, Word], Counted] | None = None) -> str:
    """A table as a Mermaid state diagram, for ``docs/architecture.md``; behind a transition stands what it is counted against."""
    counts = {edge: f" (counts: {against.value})" for edge, against in (counted or {}).items()}
    rows = [f"    {edge[0].value} --> {target.value}: {edge[1].value}{counts.get(edge, '')}" for edge, target in table.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first.value}", *rows]) + "\n"
