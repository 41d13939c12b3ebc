"""What finished phases of a project took, for estimates of the next ones."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import col, func, select

from autopack.core.states import PhaseState
from autopack.store.database import Database
from autopack.store.tables import AttemptRow, CallRow, PhaseRow, RunRow

_LATEST: Final = 40


@dataclass(frozen=True)
class FinishedPhase:
    """``parent`` is the commit that its first attempt started from; ``tokens`` are those of all its calls."""

    run_id: str
    phase_id: str
    attempts: int
    parent: str
    tokens: int


def finished_phases(database: Database, project: str) -> tuple[FinishedPhase, ...]:
    """The phases that landed last; without those that a person or a replay made."""
    phases = (
        select(PhaseRow.run_id, PhaseRow.phase_id)
        .join(RunRow, col(RunRow.run_id) == PhaseRow.run_id)
        .where(RunRow.project == project, PhaseRow.state == PhaseState.COMPLETE)
        .order_by(col(RunRow.created_at).desc(), col(PhaseRow.position))
        .limit(_LATEST)
    )
    found = []
    with database.read() as session:
        for run, phase in session.exec(phases).all():
            attempts = session.exec(
                select(AttemptRow).where(AttemptRow.run_id == run, AttemptRow.phase_id == phase).order_by(col(AttemptRow.number))
            ).all()
            used = func.coalesce(
                func.sum(CallRow.input_tokens + CallRow.output_tokens + CallRow.cache_read_tokens + CallRow.cache_write_tokens), 0
            )
            calls = select(used).where(CallRow.run_id == run, CallRow.phase_id == phase, col(CallRow.is_replayed).is_(False))
            tokens = int(session.exec(calls).one())
            if attempts and tokens and not any(attempt.is_adopted for attempt in attempts):
                found.append(FinishedPhase(run, phase, len(attempts), attempts[0].parent, tokens))
    return tuple(found)
