"""The debug journal: each failure that was overcome, with what it was, what was tried, and what resolved it. Derived from rows."""

from collections.abc import Iterable, Iterator, Sequence

from autopack.core.context import Feedback
from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.model import Frozen
from autopack.reporting.attempt_story import stories_by_phase
from autopack.reporting.story import AttemptFailure, AttemptStory, Overcome
from autopack.store.database import Database
from autopack.store.phase_rows import phase_ids
from autopack.store.phases import hints_of


class DebugJournal(Frozen):
    """``run_id`` is None over all runs."""

    run_id: str | None
    entries: tuple[Overcome, ...]


def debug_journal(database: Database, run_ids: Iterable[str]) -> tuple[Overcome, ...]:
    return tuple(
        entry
        for run_id in run_ids
        for phase, attempts in stories_by_phase(database, run_id, phase_ids(database, run_id), {}).items()
        for entry in overcome_in(run_id, phase, attempts, hints_of(database, run_id, phase))
    )


def overcome_in(run_id: str, phase: str, attempts: Sequence[AttemptStory], hints: Sequence[Feedback]) -> tuple[Overcome, ...]:
    """Nothing as long as the phase has not landed."""
    landed = landed_attempt(attempts)
    if landed is None:
        return ()
    return tuple(
        Overcome(
            run_id=run_id,
            phase=phase,
            kind=failures[-1].kind,
            message=failures[-1].message,
            attempts=tuple(attempt.number for attempt in failed),
            tried=tuple(_tried(failed, hints)),
            resolved=landing_text(landed),
            first_seen=failed[0].ended_at,
            resolved_at=landed.ended_at,
        )
        for failed, failures in _groups(attempts)
    )


def landed_attempt(attempts: Sequence[AttemptStory]) -> AttemptStory | None:
    """The attempt that the phase landed by."""
    return next((attempt for attempt in reversed(attempts) if attempt.outcome == "complete"), None)


def landing_text(landed: AttemptStory) -> str:
    """``attempt 3 landed 1a2b3c4d5e, built by anthropic/x: app.py``."""
    commit = f" {landed.commit[:10]}" if landed.commit else ""
    built = [call.requested_model for call in landed.calls if call.role == "builder" and call.state == "replied"]
    by = "a person's commit" if landed.is_adopted else f"built by {built[-1]}" if built else ""
    approved = "approved by a person" if landed.approval else ""
    paths = ", ".join(landed.candidate.paths[:5]) + (" and more" if len(landed.candidate.paths) > 5 else "") if landed.candidate else ""  # noqa: PLR2004 - names shown
    words = ", ".join(filter(None, (f"attempt {landed.number} landed{commit}", by, approved)))
    return f"{words}: {paths}" if paths else words


def _groups(attempts: Sequence[AttemptStory]) -> Iterator[tuple[list[AttemptStory], list[AttemptFailure]]]:
    """The failed attempts, those that are alike together."""
    groups: list[tuple[list[AttemptStory], list[AttemptFailure]]] = []
    for attempt in attempts:
        failure = attempt.failure
        if failure is None or attempt.outcome == "granted":
            continue
        mine = next((group for group in groups if _are_alike(group[1][0], failure)), None)
        if mine is None:
            groups.append(([attempt], [failure]))
        else:
            mine[0].append(attempt)
            mine[1].append(failure)
    yield from groups


def _are_alike(one: AttemptFailure, other: AttemptFailure) -> bool:
    return one.kind == other.kind and are_near(fingerprint(one.message), fingerprint(other.message))


def _tried(failed: Sequence[AttemptStory], hints: Sequence[Feedback]) -> Iterator[str]:
    """What was done after each of these attempts, in order."""
    for attempt in failed:
        for decided in attempt.decided:
            yield f"{decided.remedy.replace('_', ' ')}: {decided.because}"
            if decided.advice:
                yield f"{decided.row}: {decided.advice.strip()}"
        for hint in hints:
            if hint.attempt == attempt.number:
                yield f"a person's note: {hint.message.strip()}"
