"""When what happened in a run: each attempt of each phase, and its model calls, checks and waits."""

from collections.abc import Sequence
from typing import Final, Literal

from autopack.core.events import EventName
from autopack.core.model import Frozen
from autopack.core.status import PhaseStatus
from autopack.core.step_names import StepName, step_of
from autopack.store.attempts import BriefAttempt, brief_attempts
from autopack.store.costs import CostLine
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.steps import step_times

_CHECKS: Final = {
    StepName.DERIVE: "derived files",
    StepName.CHECK: "checks",
    StepName.OLD_TESTS: "old tests",
    StepName.NEW_TESTS: "new tests",
}

Key = tuple[str, int]
"""A phase and the number of its attempt."""


class Span(Frozen):
    """Times in UTC epoch seconds."""

    kind: Literal["call", "check", "wait"]
    label: str
    began: float
    ended: float


class Bar(Frozen):
    """One attempt. ``outcome`` as in ``AttemptStory``; an open one ends with what is known of it."""

    number: int
    outcome: str
    began: float
    ended: float
    spans: tuple[Span, ...]


class PhaseBars(Frozen):
    phase: str
    state: str
    bars: tuple[Bar, ...]


def timeline_of(database: Database, run_id: str, phases: Sequence[PhaseStatus], calls: Sequence[CostLine]) -> tuple[PhaseBars, ...]:
    """In the order of the plan; ``calls`` are those of the run."""
    spans: dict[Key, list[Span]] = {}
    for found in (_calls(calls), _checks(database, run_id), _waits(database, run_id)):
        for key, span in found:
            spans.setdefault(key, []).append(span)
    bars: dict[str, list[Bar]] = {}
    for row in brief_attempts(database, run_id):
        bars.setdefault(row.phase, []).append(_bar(row, spans.get((row.phase, row.number), [])))
    return tuple(PhaseBars(phase=phase.id, state=phase.state, bars=tuple(bars.get(phase.id, ()))) for phase in phases)


def _bar(row: BriefAttempt, spans: Sequence[Span]) -> Bar:
    ended = row.ended if row.ended is not None else max((span.ended for span in spans), default=row.began)
    ordered = tuple(sorted(spans, key=lambda span: span.began))
    return Bar(number=row.number, outcome=row.outcome or "open", began=row.began, ended=max(row.began, ended), spans=ordered)


def _calls(lines: Sequence[CostLine]) -> list[tuple[Key, Span]]:
    return [
        ((line.phase, line.attempt), _span("call", f"{line.role}, {line.answered_by or line.asked}", line.sent_at, line.seconds))
        for line in lines
    ]


def _checks(database: Database, run_id: str) -> list[tuple[Key, Span]]:
    """A step is recorded when it ends; it began when the one before it in the attempt was recorded."""
    found: list[tuple[Key, Span]] = []
    before: dict[Key, float] = {}
    for step in step_times(database, run_id):
        key, kind = (step.phase, step.attempt), step_of(step.name)
        if kind in _CHECKS and key in before:
            found.append((key, _span("check", _CHECKS[StepName(kind)], before[key], step.at - before[key])))
        before[key] = step.at
    return found


def _waits(database: Database, run_id: str) -> list[tuple[Key, Span]]:
    return [
        ((event.phase, event.attempt), _span("wait", "waits for a provider", event.time, float(event.data["seconds"])))
        for event in EventLog(database).named(run_id, EventName.WIRE_WAIT)
        if event.phase is not None and event.attempt is not None
    ]


def _span(kind: Literal["call", "check", "wait"], label: str, began: float, seconds: float) -> Span:
    return Span(kind=kind, label=label, began=began, ended=began + max(0.0, seconds))
