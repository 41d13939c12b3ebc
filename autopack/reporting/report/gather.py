"""Gathers what the report of a run says, from its rows and, for the diffs, from git."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from autopack.core.cost import cost_of
from autopack.core.events import EventName
from autopack.core.plan import PhaseSpec
from autopack.core.status import PhaseStatus, RunStatus
from autopack.reporting.phase_story import phase_story
from autopack.reporting.report.look_at import look_at
from autopack.reporting.report.model import CriterionStory, PhaseReport, RunReport, Times
from autopack.reporting.story import AttemptStory, PhaseStory
from autopack.reporting.timeline import timeline_of
from autopack.reporting.usage import By, namers, shares
from autopack.store.costs import CostLine, costs_of_run
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.queries import worked_seconds
from autopack.store.tables import RunRow

Diff = Callable[[str, str], str]
"""The difference between two commits, as it may be shown."""


@dataclass(frozen=True)
class Asked:
    """``specs`` are the phases as the plan has them, ``logs`` the check logs of each phase by attempt."""

    row: RunRow
    run: RunStatus
    specs: Mapping[str, PhaseSpec]
    logs: Mapping[str, Mapping[int | None, str]]
    diff: Diff
    now: float


def gather_report(database: Database, asked: Asked) -> RunReport:
    run, names = asked.run, namers({})
    lines = costs_of_run(database, run.run_id)
    phases = tuple(_phase(database, asked, phase, lines) for phase in run.phases)
    return RunReport(
        run=run,
        project=asked.row.project,
        began=asked.row.created_at,
        ended=asked.row.ended_at,
        look_at=look_at(run, phases, cost_of(line.cost for line in lines).unpriced),
        phases=phases,
        timeline=timeline_of(database, run.run_id, run.phases, lines),
        by_model=shares(lines, names[By.MODEL]),
        by_role=shares(lines, names[By.ROLE]),
        by_phase=shares(lines, names[By.PHASE]),
        times=_times(database, run.run_id, lines, phases, asked.now),
    )


def gather_phases(database: Database, asked: Asked, phase_ids: Sequence[str]) -> tuple[PhaseReport, ...]:
    """What the report says of these phases of the run. Raises KeyError for a phase that it does not have."""
    lines = costs_of_run(database, asked.run.run_id)
    phases = {phase.id: phase for phase in asked.run.phases}
    return tuple(_phase(database, asked, phases[name], lines) for name in phase_ids)


def _phase(database: Database, asked: Asked, phase: PhaseStatus, lines: Sequence[CostLine]) -> PhaseReport:
    story = phase_story(database, asked.run, phase, asked.specs.get(phase.id), asked.logs.get(phase.id) or {})
    judged = _judged(story)
    shown = judged or next((one for one in reversed(story.attempts) if one.candidate), None)
    candidate = shown.candidate if shown else None
    return PhaseReport(
        story=story,
        judged=judged,
        criteria=tuple(_criterion(words, judged) for words in story.acceptance_criteria),
        usage=cost_of(line.cost for line in lines if line.phase == phase.id).status,
        diff=asked.diff(candidate.parent, candidate.commit) if candidate else "",
        diff_command=f"autopack diff {asked.run.run_id} {phase.id}",
    )


def _judged(story: PhaseStory) -> AttemptStory | None:
    """The attempt that landed, else the newest that was judged in any way."""
    landed = next((one for one in reversed(story.attempts) if one.commit), None)
    return landed or next((one for one in reversed(story.attempts) if one.verdict or one.checks), None)


def _criterion(words: str, judged: AttemptStory | None) -> CriterionStory:
    answers = judged.verdict.criteria if judged and judged.verdict else ()
    found = next((one for one in answers if one.criterion == words), None)
    if found is None:
        return CriterionStory(criterion=words, answer="not judged", evidence="", is_weak=False)
    if found.wrong.strip():
        return CriterionStory(criterion=words, answer="called wrong", evidence=found.wrong.strip(), is_weak=False)
    answer, evidence = "met" if found.met else "not met", found.evidence.strip()
    return CriterionStory(criterion=words, answer=answer, evidence=evidence, is_weak=found.met and not evidence)


def _times(database: Database, run_id: str, lines: Sequence[CostLine], phases: Sequence[PhaseReport], now: float) -> Times:
    """Checks are those of attempts, and the runs of old and new tests over them."""
    waits = [float(event.data["seconds"]) for event in EventLog(database).named(run_id, EventName.WIRE_WAIT)]
    attempts = [attempt for phase in phases for attempt in phase.story.attempts]
    checks = sum(step.duration_s for attempt in attempts if attempt.checks for step in attempt.checks.steps)
    weighed = sum((one.old_tests.seconds if one.old_tests else 0) + (one.new_tests.seconds if one.new_tests else 0) for one in attempts)
    return Times(
        worked=worked_seconds(database, run_id, now),
        models=sum(line.seconds for line in lines),
        checks=checks + weighed,
        waiting=sum(waits),
    )
