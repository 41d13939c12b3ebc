"""What happened in one phase, told from its rows: every attempt, what it asked, what failed and why, what landed."""

from collections.abc import Mapping

from autopack.core.events import phase_event
from autopack.core.held import HeldReason, held_commands
from autopack.core.plan import PhaseSpec
from autopack.core.states import PhaseState
from autopack.core.status import PhaseStatus, RunStatus
from autopack.reporting.attempt_story import attempt_stories
from autopack.reporting.debug_journal import overcome_in
from autopack.reporting.story import PhaseStory
from autopack.store.attempts import attempts_of
from autopack.store.database import Database
from autopack.store.events import EventLog
from autopack.store.phases import hints_of


def phase_story(
    database: Database, run: RunStatus, phase: PhaseStatus, spec: PhaseSpec | None, logs: Mapping[int | None, str]
) -> PhaseStory:
    """``spec`` is None where the plan no longer tells of the phase; ``logs`` are the check logs that exist, by attempt."""
    attempts = attempt_stories(database, run.run_id, phase.id, logs)
    return PhaseStory(
        run_id=run.run_id,
        phase=phase,
        why=_why(database, run.run_id, phase),
        description=spec.description if spec else "",
        scope=spec.scope.paths if spec else (),
        depends_on=spec.depends_on if spec else (),
        acceptance_criteria=spec.acceptance_criteria if spec else (),
        max_attempts=spec.max_attempts if spec else None,
        attempts=attempts,
        overcome=overcome_in(run.run_id, phase.id, attempts, hints_of(database, run.run_id, phase.id)),
        next=_next(database, run, phase, has_logs=bool(logs)),
    )


def _why(database: Database, run_id: str, phase: PhaseStatus) -> str | None:
    """What was said when the phase came to wait or was lost."""
    if phase.held_because:
        return phase.held_because.message or None
    if phase.state != PhaseState.FAILED:
        return None
    told = [
        event.data.get("message") for event in EventLog(database).named(run_id, phase_event(PhaseState.FAILED)) if event.phase == phase.id
    ]
    return str(told[-1]) if told and told[-1] else None


def _next(database: Database, run: RunStatus, phase: PhaseStatus, *, has_logs: bool) -> tuple[str, ...]:
    where = f"{run.run_id} {phase.id}"
    match phase.state:
        case PhaseState.COMPLETE:
            return (f"autopack diff {where}",)
        case PhaseState.HELD if phase.held_because:
            rows = attempts_of(database, run.run_id, phase.id)
            is_against = bool(rows) and rows[-1].only_auditor_against
            held = phase.held_because
            return held_commands(HeldReason(held.reason), where, held.paths, is_auditor_against=is_against)
        case PhaseState.FAILED:
            return f"autopack logs {where} {'--check' if has_logs else '--model'}", f'autopack retry {where} --note "..."'
        case PhaseState.SKIPPED if phase.skipped_because in {one.id for one in run.phases}:
            return (f"autopack show {run.run_id} {phase.skipped_because}",)
        case _:
            return run.next
