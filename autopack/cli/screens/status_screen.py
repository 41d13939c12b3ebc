"""Draws a run on one screen: its state, what it cost, every phase, why it ended and what to do next."""

from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from autopack.cli.from_here import in_words
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import clock_time, dollars, duration, mark, moment, named, reason, short, tokens
from autopack.cli.screens.prose import labelled, sentence
from autopack.core.states import PhaseState
from autopack.core.status import ChecksStatus, HealthStatus, PhaseStatus, RunStatus

_UNBOUNDED = 400
_MODEL = 60

_COLUMNS = (
    Column("", rank=0),
    Column("PHASE"),
    Column("STATE"),
    Column("TRIES", rank=1, is_right=True),
    Column("CHECKS", rank=2),
    Column("COMMIT", rank=3),
    Column("MODEL", rank=4),
)


def status_lines(status: RunStatus, now: float, width: int | None, repo: Path) -> Iterator[Text]:
    """``width`` None: for a pipe, nothing is cut. ``repo`` is what ``--repo`` said."""
    yield Text.assemble(mark(status.state), " ", (status.run_id, "bold"), "  ", named(status.state, _why(status)))
    yield from sentence("goal", status.goal, width, lines=2)
    yield labelled("branch", f"{status.branch}  (base {short(status.base_commit)}, head {short(status.head_commit)})")
    plan = f"revision {status.plan.revision}" if status.plan.revision > 1 else short(status.plan.sha256)
    yield labelled("plan", f"{status.plan.path}  ({plan})")
    yield labelled("sandbox", status.sandbox)
    yield from money_lines(status)
    yield from health_lines(status.health)
    if status.owner:
        ago = duration(max(0.0, now - status.owner.heartbeat))
        yield labelled("process", f"{status.owner.pid}, since {moment(status.owner.started)}, last sign of life {ago} ago")
    if status.until is not None:
        yield labelled("waits", f"until {moment(status.until)} ({duration(max(0.0, status.until - now))} left)")
    yield Text()
    yield from phase_lines(status, width)
    yield Text()
    if status.message:
        yield from sentence("why", status.message, width)
    for command in in_words(status.next, repo):
        yield labelled("next", command)


def phase_lines(status: RunStatus, width: int | None) -> Iterator[Text]:
    """A line for each phase, with why it failed or was skipped below it."""
    rows = [_row(phase) for phase in status.phases]
    head, *lines = in_columns(_COLUMNS, rows, width)
    yield head
    room = (width or _UNBOUNDED) - len("    ")
    for phase, line in zip(status.phases, lines, strict=True):
        yield line
        cause = _cause(phase)
        if cause:
            yield Text("    " + one_line(reason(*cause), room), style="dim")
        if phase.skipped_because:
            yield Text("    " + one_line(f"because of {phase.skipped_because}", room), style="dim")


def money_lines(status: RunStatus) -> Iterator[Text]:
    """What was spent and used, with the caps."""
    budget, usage = status.budget, status.usage
    caps = [f"of {dollars(budget.max_usd)}"] if budget.max_usd is not None else []
    reserved = [f"({dollars(budget.reserved_usd)} reserved)"] if budget.reserved_usd else []
    is_dark = budget.has_unknown_prices and not budget.spent_usd
    spent = dollars(None if is_dark else budget.spent_usd, is_partial=budget.has_unknown_prices)
    yield labelled("spent", " ".join([spent, *caps, *reserved]))
    calls = f"{usage.calls} call{'s' if usage.calls != 1 else ''} · {tokens(usage)}"
    limit = f"  (cap: {budget.max_tokens:,} tokens, {budget.spent_tokens:,} spent)" if budget.max_tokens is not None else ""
    hours = f"  (cap: {budget.max_hours:g} hours)" if budget.max_hours is not None else ""
    yield labelled("usage", calls + limit + hours)


def health_lines(health: HealthStatus | None) -> Iterator[Text]:
    """What went wrong so far, of how much the health budget allows; nothing where all went well."""
    if health is None or not health.total_failures:
        return
    counts = (
        (health.http_500, health.max_http_500, "calls given up"),
        (health.patch_failures, health.max_patch_failures, "edits unusable"),
        (health.total_failures, health.max_total_failures, "failures in all"),
    )
    yield labelled("health", ", ".join(f"{used} of {most} {what}" for used, most, what in counts))


def change_lines(before: RunStatus | None, after: RunStatus, now: float) -> Iterator[str]:
    """What differs between two looks at a run, a line each, for watching through a pipe."""
    stamp = clock_time(now)
    known = {phase.id: phase for phase in before.phases} if before else {}
    for phase in after.phases:
        if known.get(phase.id) != phase and (before or phase.state != PhaseState.QUEUED):
            yield f"{stamp}  {phase.id}: {_phase_words(phase)}"
    if before is None or (before.state, before.message) != (after.state, after.message):
        message = f": {one_line(after.message, _UNBOUNDED)}" if after.message else ""
        yield f"{stamp}  run {after.run_id}: {named(after.state).plain}{message}"


def _cause(phase: PhaseStatus) -> tuple[str, str, str | None] | None:
    """Why it waits, or was lost: the kind, a sentence, and of a red check its fault."""
    if phase.held_because:
        return phase.held_because.reason, phase.held_because.message, None
    return (phase.failure.kind, phase.failure.message, phase.failure.fault) if phase.failure else None


def _why(status: RunStatus) -> str | None:
    return status.reason if status.reason and status.reason != status.state else None


def _row(phase: PhaseStatus) -> tuple[Text, ...]:
    tries = Text(str(phase.attempts) if phase.attempts else "")
    model = Text(one_line(phase.model or "", _MODEL))
    return mark(phase.state), Text(phase.id), named(phase.state, phase.held), tries, Text(_checks(phase)), Text(short(phase.commit)), model


def _checks(phase: PhaseStatus) -> str:
    checks = phase.checks
    if checks is None:
        return ""
    if checks == ChecksStatus():
        return "no tests"
    parts = [f"{checks.passed} passed"]
    parts += [f"{checks.failed} failed"] if checks.failed else []
    parts += [f"{checks.newly_failed} new"] if checks.newly_failed else []
    parts += [f"{checks.flaky} flaky"] if checks.flaky else []
    parts += ["needs review"] if phase.quality_level == "needs_review" and phase.state == PhaseState.COMPLETE else []
    return ", ".join(parts)


def _phase_words(phase: PhaseStatus) -> str:
    words = [named(phase.state, phase.held).plain]
    words += [f"attempt {phase.attempts}"] if phase.attempts > 1 else []
    words += [f"commit {short(phase.commit)}"] if phase.commit else []
    words += [_checks(phase)] if phase.checks else []
    cause = _cause(phase)
    words += [one_line(reason(*cause), _UNBOUNDED)] if cause else []
    words += [one_line(f"because of {phase.skipped_because}", _UNBOUNDED)] if phase.skipped_because else []
    return ", ".join(words)
