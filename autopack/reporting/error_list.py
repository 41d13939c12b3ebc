"""The errors of a run, or of all runs: listed with what resolved each, counted, and those that are alike together."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from autopack.core.call import CallState
from autopack.core.error_report import Component, ErrorReport
from autopack.core.events import Event, run_event
from autopack.core.fingerprint import are_near, fingerprint
from autopack.core.model import Frozen
from autopack.core.states import RunState
from autopack.reporting.attempt_story import stories_by_phase
from autopack.reporting.debug_journal import landed_attempt, landing_text
from autopack.reporting.story import AttemptStory
from autopack.store.database import Database
from autopack.store.errors import errors_of
from autopack.store.events import EventLog


class ErrorStory(ErrorReport):
    """``resolved`` is None as long as nothing has."""

    resolved: str | None = None


class ErrorList(Frozen):
    """``run_id`` is None over all runs, ``error_count`` counts all pages. Oldest first.

    ``next`` is the number of the last of these errors where more follow: the page that begins after it.
    """

    run_id: str | None
    error_count: int
    errors: tuple[ErrorStory, ...]
    next: int | None = None


class ErrorRef(Frozen):
    run_id: str | None
    number: int


class ErrorGroup(Frozen):
    """Errors of one kind whose messages are alike; ``resolved`` says what resolved the last of them, None where that is open."""

    kind: str
    component: Component
    message: str
    count: int
    phases: tuple[str, ...]
    first_seen: str
    last_seen: str
    resolved: str | None
    errors: tuple[ErrorRef, ...]


class ErrorSummary(Frozen):
    """``summary`` says all of it in words; the counts are ordered, most first."""

    run_id: str | None
    error_count: int
    unresolved_count: int
    first_seen: str | None
    last_seen: str | None
    by_kind: dict[str, int]
    by_component: dict[str, int]
    by_phase: dict[str, int]
    groups: tuple[ErrorGroup, ...]
    summary: str


def error_list(database: Database, run_ids: Sequence[str], run_id: str | None, outside: Sequence[ErrorReport] = ()) -> ErrorList:
    """``run_id`` is the one that was asked for, if one was; ``outside`` are reports of commands that belong to no run."""
    found = [story for one in run_ids for story in _of_run(database, one)]
    found += [ErrorStory(**dict(report)) for report in outside]
    ordered = sorted(found, key=lambda story: (story.time, story.run_id or "", story.number))
    return ErrorList(run_id=run_id, error_count=len(ordered), errors=tuple(ordered))


def page_of(found: ErrorList, after: int | None, limit: int) -> ErrorList:
    """So many errors of one run, behind the one of that number; none behind a number that no error has."""
    begin = next((at for at, error in enumerate(found.errors, 1) if error.number == after), len(found.errors)) if after is not None else 0
    errors = found.errors[begin : begin + limit]
    is_last = begin + limit >= len(found.errors)
    return found.model_copy(update={"errors": errors, "next": None if is_last else errors[-1].number})


def error_summary(found: ErrorList) -> ErrorSummary:
    errors, groups = found.errors, _groups(found.errors)
    counts = [_counted(errors, name) for name in (lambda one: one.kind, lambda one: one.component.value, lambda one: one.phase or "-")]
    summary = ErrorSummary(
        run_id=found.run_id,
        error_count=found.error_count,
        unresolved_count=sum(one.resolved is None for one in errors),
        first_seen=errors[0].time if errors else None,
        last_seen=errors[-1].time if errors else None,
        by_kind=counts[0],
        by_component=counts[1],
        by_phase=counts[2],
        groups=groups,
        summary="",
    )
    return summary.model_copy(update={"summary": _in_words(summary)})


def _of_run(database: Database, run_id: str) -> list[ErrorStory]:
    reports = errors_of(database, run_id)
    if not reports:
        return []
    attempts = stories_by_phase(database, run_id, tuple({report.phase for report in reports if report.phase}), {})
    events = EventLog(database).named(run_id, *map(run_event, RunState))
    return [ErrorStory(**dict(report), resolved=_resolved(report, attempts.get(report.phase or "", ()), events)) for report in reports]


def _resolved(report: ErrorReport, attempts: Sequence[AttemptStory], events: Sequence[Event]) -> str | None:
    answered = _answered(report, attempts) if report.component is Component.LLM else None
    landed = landed_attempt(attempts)
    if answered is not None:
        return answered
    if landed is not None and report.attempt is not None and landed.number >= report.attempt:
        return landing_text(landed)
    return _went_on(report, events) if report.phase is None or report.is_an_end else None


def _answered(report: ErrorReport, attempts: Sequence[AttemptStory]) -> str | None:
    """The first reply to the same role in the same attempt since."""
    calls = [call for attempt in attempts if attempt.number == report.attempt for call in attempt.calls]
    later = [call for call in calls if call.role == report.role and call.ordinal > (report.call or 0) and call.state == CallState.REPLIED]
    return f"{later[0].requested_model} answered (call {later[0].ordinal})" if later else None


def _went_on(report: ErrorReport, events: Sequence[Event]) -> str | None:
    """When the run began again after it had ended with this; red final checks are over when it is complete."""
    names = [event.event for event in events]
    ended = next((at for at, event in enumerate(events) if event.event in _ENDED and event.time >= _seconds(report.time)), len(events))
    sign = run_event(RunState.COMPLETE if report.component is Component.CHECKS else RunState.RUNNING)
    at = next((at for at in range(ended, len(events)) if names[at] == sign), None)
    return f"the run went on at {_moment(events[at].time)}" if at is not None else None


_ENDED: Final = frozenset(run_event(state) for state in RunState if state not in (RunState.RUNNING, RunState.WAITING))


def _groups(errors: Sequence[ErrorStory]) -> tuple[ErrorGroup, ...]:
    groups: list[tuple[str, list[ErrorStory]]] = []
    for error in errors:
        mark = fingerprint(error.message)
        mine = next((group for known, group in groups if group[0].kind == error.kind and are_near(known, mark)), None)
        if mine is None:
            groups.append((mark, [error]))
        else:
            mine.append(error)
    made = [_group(group) for _, group in groups]
    return tuple(sorted(made, key=lambda group: -group.count))


def _group(errors: Sequence[ErrorStory]) -> ErrorGroup:
    last = errors[-1]
    return ErrorGroup(
        kind=last.kind,
        component=last.component,
        message=last.message,
        count=len(errors),
        phases=tuple(dict.fromkeys(one.phase for one in errors if one.phase)),
        first_seen=errors[0].time,
        last_seen=last.time,
        resolved=last.resolved,
        errors=tuple(ErrorRef(run_id=one.run_id, number=one.number) for one in errors),
    )


def _counted(errors: Iterable[ErrorStory], name: Callable[[ErrorStory], str]) -> dict[str, int]:
    return dict(Counter(map(name, errors)).most_common())


def _in_words(found: ErrorSummary) -> str:
    where = f"run {found.run_id}" if found.run_id else "all runs"
    if not found.error_count:
        return f"No error in {where}."
    count = "1 error" if found.error_count == 1 else f"{found.error_count} errors"
    lines = [f"{count} in {where}, {found.unresolved_count} of them unresolved; the first {found.first_seen}, the last {found.last_seen}."]
    for title, counts in (("kind", found.by_kind), ("component", found.by_component), ("phase", found.by_phase)):
        lines.append(f"By {title}: {', '.join(f'{name} {number}' for name, number in counts.items())}.")
    for group in found.groups:
        phases = f" in {', '.join(group.phases)}" if group.phases else ""
        times = "once" if group.count == 1 else f"{group.count} times"
        lines.append(f"{group.kind} {times}{phases}, last {group.last_seen}: {' '.join(group.message.split())[:300]}")
        lines.append(f"  resolved: {group.resolved}" if group.resolved else "  not resolved")
    return "\n".join(lines)


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
