"""The attempts of a phase, told from their rows: what each asked, what failed and why, what it made, what landed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from autopack.core.approval import Approval
from autopack.core.call import Usage
from autopack.core.candidate import Candidate, Committed
from autopack.core.checking import CheckReport
from autopack.core.cost import cost_of
from autopack.core.failure import FailureKind
from autopack.core.goal_drift import DriftJudged
from autopack.core.remedy import Decided
from autopack.core.reviewing import Decision, Verdict
from autopack.core.step_names import StepName, all_laps
from autopack.core.test_runs import NewTests, OldTests
from autopack.reporting.explored import explored_in
from autopack.reporting.story import AttemptFailure, AttemptStory, CallStory, ChecksStory, LookedStory, StepStory
from autopack.store.attempts import attempts_of
from autopack.store.brief_calls import BriefCall, brief_calls
from autopack.store.database import Database
from autopack.store.steps import steps_by_attempt, steps_of
from autopack.store.tables import AttemptRow

Recorded = TypeVar("Recorded", bound=BaseModel)

CANDIDATES: Final = (StepName.CANDIDATE, StepName.LAY_ON)


def attempt_stories(database: Database, run_id: str, phase: str, logs: Mapping[int | None, str]) -> tuple[AttemptStory, ...]:
    """``logs`` are the check logs that exist, by attempt."""
    return stories_by_phase(database, run_id, (phase,), {phase: logs})[phase]


def stories_by_phase(
    database: Database, run_id: str, phases: Sequence[str], logs: Mapping[str, Mapping[int | None, str]]
) -> dict[str, tuple[AttemptStory, ...]]:
    """The attempts of each of these phases, for as many questions as for one."""
    calls, steps = defaultdict(list), steps_by_attempt(database, run_id, phases)
    for call in brief_calls(database, run_id, phases):
        calls[call.phase_id, call.attempt].append(call)
    told: dict[str, list[AttemptStory]] = {phase: [] for phase in phases}
    for row in attempts_of(database, run_id, *phases):
        key = row.phase_id, row.number
        told[row.phase_id].append(_attempt(row, steps.get(key, {}), calls[key], logs.get(row.phase_id, {})))
    return {phase: tuple(attempts) for phase, attempts in told.items()}


def _attempt(row: AttemptRow, steps: Mapping[str, str], calls: Sequence[BriefCall], logs: Mapping[int | None, str]) -> AttemptStory:
    committed = _newest(steps, (StepName.COMMIT,), Committed)
    report = _newest(steps, (StepName.CHECK,), CheckReport)
    drift = _newest(steps, (StepName.DRIFT,), DriftJudged)
    return AttemptStory(
        number=row.number,
        outcome=row.outcome or "open",
        mode=row.mode,
        is_adopted=row.is_adopted,
        parent=row.parent,
        started_at=_stamp(row.started_at),
        ended_at=_stamp(row.ended_at) if row.ended_at is not None else None,
        duration_s=max(0.0, row.ended_at - row.started_at) if row.ended_at is not None else None,
        failure=_failure(row, row.failure_kind, report) if row.failure_kind else None,
        drift=drift.drift if drift else None,
        candidate=_newest(steps, CANDIDATES, Candidate),
        checks=_checks(report) if report else None,
        old_tests=_newest(steps, (StepName.OLD_TESTS,), OldTests),
        new_tests=_newest(steps, (StepName.NEW_TESTS,), NewTests),
        verdict=_newest(steps, (StepName.AUDIT,), Verdict),
        decision=_newest(steps, (StepName.GATE,), Decision),
        decided=_decided(steps),
        approval=_newest(steps, (StepName.APPROVAL,), Approval),
        commit=committed.commit if committed else None,
        calls=tuple(map(_call, calls)),
        looked=tuple(_looked(steps)),
        usage=cost_of(call.cost for call in calls).status,
        log=logs.get(row.number),
    )


def _failure(row: AttemptRow, kind: str, report: CheckReport | None) -> AttemptFailure:
    fault = report.fault if report and kind == FailureKind.CHECKS_RED else None
    return AttemptFailure(kind=kind, message=row.message or "", evidence=row.evidence or "", fault=fault)


def _newest(steps: Mapping[str, str], names: Iterable[StepName], kind: type[Recorded]) -> Recorded | None:
    """The last recorded result of a step or one of its later laps (``check``, ``check.2``); one that an older version wrote is left out."""
    found = all_laps(steps, *names)
    try:
        return kind.model_validate_json(found[-1]) if found else None
    except ValidationError:
        return None


def _decided(steps: Mapping[str, str]) -> tuple[Decided, ...]:
    found = all_laps(steps, StepName.DECIDED)
    try:
        return tuple(map(Decided.model_validate_json, found))
    except ValidationError:
        return ()


def _looked(steps: Mapping[str, str]) -> Iterator[LookedStory]:
    for role, explored in explored_in(steps):
        if explored.rounds:
            yield LookedStory(role=role, rounds=tuple(tuple(one.told for one in done.answers) for done in explored.rounds.values()))


def _checks(report: CheckReport) -> ChecksStory:
    ids = report.model_dump(include={"status", "reason", "newly_failed", "red_before", "forgiven", "flaky", "written"})
    steps = tuple(
        StepStory(
            **step.model_dump(include={"name", "command", "status", "exit_code", "duration_s", "detail"}),
            passed=len(step.results.passed) if step.results else 0,
            failed=len(step.results.red) if step.results else 0,
            skipped=len(step.results.skipped) if step.results else 0,
        )
        for step in report.steps
    )
    return ChecksStory(**ids, passed=report.passed, failed=report.failed, steps=steps)


def _call(row: BriefCall) -> CallStory:
    return CallStory(
        role=row.role,
        ordinal=row.ordinal,
        requested_model=f"{row.provider}/{row.model}",
        answering_model=row.answering_model,
        state=row.state,
        stop=row.stop,
        error=row.error,
        usage=_tokens(row),
        usd=float(row.usd) if row.usd is not None else None,
        is_replayed=row.is_replayed,
        is_let_go=row.is_let_go,
    )


def _tokens(row: BriefCall) -> Usage:
    return Usage(
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cache_read_tokens=row.cache_read_tokens,
        cache_write_tokens=row.cache_write_tokens,
    )


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def newest_candidate(database: Database, run_id: str, phase: str) -> tuple[int, Candidate] | None:
    """The candidate that was made last, with the number of its attempt."""
    for row in reversed(attempts_of(database, run_id, phase)):
        candidate = candidate_of(database, run_id, phase, row.number)
        if candidate is not None:
            return row.number, candidate
    return None


def candidate_of(database: Database, run_id: str, phase: str, number: int) -> Candidate | None:
    """What an attempt made; None where its reply was refused, or none came."""
    return _newest(steps_of(database, run_id, phase, number), CANDIDATES, Candidate)


def check_report_of(database: Database, run_id: str, phase: str, number: int) -> CheckReport | None:
    """What the last checks of an attempt found, with their output; None where it came to none."""
    return _newest(steps_of(database, run_id, phase, number), (StepName.CHECK,), CheckReport)


def printed_lines(report: CheckReport) -> Iterator[str]:
    """Each command of the checks, and the lines that it printed as far as the report keeps them."""
    for step in report.steps:
        yield f"$ {step.command}"
        yield from step.output.splitlines()
