"""Derives from rows what the command line shows, at the moment of asking."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col
from sqlmodel import select as select_row

from autopack.core.call import Role
from autopack.core.cost import Cost, cost_of
from autopack.core.events import PHASE, EventName, run_event
from autopack.core.failure import FailureKind
from autopack.core.health import Health
from autopack.core.models_settings import HealthBudget
from autopack.core.quality import QualityLevel, Risk
from autopack.core.run_figures import figures_of
from autopack.core.states import Hold, PhaseState, RunState
from autopack.core.status import (
    BudgetStatus,
    ChecksStatus,
    FailureStatus,
    HealthStatus,
    HeldStatus,
    OwnerStatus,
    PhaseStatus,
    PlanStatus,
    RunStatus,
    WeighedStatus,
)
from autopack.core.step_names import StepName, step_of
from autopack.store.attempts import BriefAttempt, attempts_seen
from autopack.store.costs import CostLine, cost_lines
from autopack.store.database import Database
from autopack.store.events import events_named
from autopack.store.health import health_seen
from autopack.store.next_commands import ANSWERABLE, exit_code_of, next_commands
from autopack.store.owners import owner_of
from autopack.store.phase_rows import phases_seen
from autopack.store.runs import plan_of, run_of
from autopack.store.steps import StepFound, shown_steps
from autopack.store.tables import CallRow, EventRow, PhaseRow, RunRow, core_table

if TYPE_CHECKING:
    from autopack.core.test_runs import OldTests


def run_status(database: Database, run_id: str, *, is_alive: bool) -> RunStatus | None:
    """``is_alive``: a process holds the run's lock right now. A run that says running without one was interrupted."""
    with database.read() as session:
        connection = session.connection()
        run = run_of(connection, run_id)
        if run is None:
            return None
        plan = plan_of(connection, run_id)
        owner = owner_of(connection, run_id) if is_alive else None
        calls = cost_lines(connection, run_id)
        attempts = attempts_seen(connection, run_id)
        phases = _phases(connection, run_id, calls, attempts)
        state = effective_state(run, is_alive=is_alive)
        answered = _answered(connection, run_id) if state in ANSWERABLE else ()
        health = health_seen(connection, run, attempts)
    cost = cost_of(call.cost for call in calls)
    budget = _budget(run, cost)
    return RunStatus(
        run_id=run_id,
        state=state,
        reason=run.reason,
        message=_waits(phases, answered) if state is RunState.HELD and answered else run.message,
        exit_code=exit_code_of(state, run.exit_code, run.reason),
        next=next_commands((run_id, run.branch), state, (run.reason, run.cap_by), phases, answered),
        goal=run.goal,
        branch=run.branch,
        base_commit=run.base_commit,
        head_commit=run.head_commit,
        plan=PlanStatus(path=run.plan_path, sha256=plan.sha256, revision=run.plan_revision),
        owner=OwnerStatus(pid=owner.pid, started=owner.started, heartbeat=owner.heartbeat) if owner else None,
        sandbox=run.sandbox,
        until=run.wait_until if state is RunState.WAITING else None,
        budget=budget,
        health=_health(run, health),
        usage=cost.status,
        phases=phases,
        **figures_of(phases, budget),
    )


def effective_state(run: RunRow, *, is_alive: bool) -> RunState:
    """The stored state, unless it claims a living owner that is not there."""
    state = RunState(run.state)
    return RunState.INTERRUPTED if state in (RunState.RUNNING, RunState.WAITING) and not is_alive else state


def answered_phases(database: Database, run_id: str) -> tuple[str, ...]:
    """The phases that a person decided on since the run ended: a start has something to do there."""
    with database.read() as session:
        return _answered(session.connection(), run_id)


def calls_of(database: Database, run_id: str, phase: str | None = None) -> tuple[CallRow, ...]:
    """Every call of a run, oldest first."""
    query = select_row(CallRow).where(CallRow.run_id == run_id).order_by(col(CallRow.id))
    if phase is not None:
        query = query.where(CallRow.phase_id == phase)
    with database.read() as session:
        return tuple(session.exec(query).all())


def has_calls(database: Database, run_id: str) -> bool:
    with database.read() as session:
        return session.exec(select_row(col(CallRow.id)).where(CallRow.run_id == run_id).limit(1)).first() is not None


def worked_seconds(database: Database, run_id: str, now: float) -> float:
    """How long processes worked on the run, over all its starts, without the time that the machine slept.

    Nobody knows what a killed process did after its last event.
    """
    with database.read() as session:
        connection = session.connection()
        rows = [(row.event, row.time) for row in connection.execute(_TIMES, {"of_run": run_id}).all()]
        naps = events_named(connection, run_id, EventName.MACHINE_SLEPT)
    slept = sum(float(nap.data["seconds"]) for nap in naps)
    return max(0.0, _running_seconds(rows, now) - slept)


def _running_seconds(rows: Sequence[tuple[str, float]], now: float) -> float:
    """The seconds from each start of a run to its end: a killed one ends with its last event, a living one now."""
    total, began, last = 0.0, None, 0.0
    for name, time in rows:
        if name == run_event(RunState.RUNNING):
            total += max(0.0, last - began) if began is not None else 0.0
            began = time
        elif name in _ENDINGS and began is not None:
            total += max(0.0, time - began)
            began = None
        last = time
    return total if began is None else total + max(0.0, last - began) + max(0.0, now - last)


_ENDINGS: Final = frozenset(run_event(state) for state in RunState if state not in (RunState.RUNNING, RunState.WAITING))
_EVENT: Final = core_table(EventRow).c
_OF_RUN: Final = _EVENT.run_id == bindparam("of_run")
_TIMES: Final = select(_EVENT.event, _EVENT.time).where(_OF_RUN).order_by(_EVENT.id)
_LAST_END: Final = select(func.max(_EVENT.id)).where(_OF_RUN, _EVENT.event.in_(_ENDINGS)).scalar_subquery()
_ANSWERED: Final = select(_EVENT.phase_id).where(_OF_RUN, _EVENT.event.startswith(PHASE), _EVENT.id > _LAST_END).order_by(_EVENT.id)


def _answered(connection: Connection, run_id: str) -> tuple[str, ...]:
    told = connection.execute(_ANSWERED, {"of_run": run_id}).scalars()
    return tuple(dict.fromkeys(phase for phase in told if phase))


def _waits(phases: tuple[PhaseStatus, ...], answered: tuple[str, ...]) -> str:
    held = [phase.id for phase in phases if phase.state == PhaseState.HELD]
    waiting = f"waits for a person: {', '.join(held)}" if held else "waits for autopack resume"
    return f"{waiting}; answered: {', '.join(name for name in answered if name not in held)}."


def _phases(connection: Connection, run_id: str, calls: Sequence[CostLine], attempts: Sequence[BriefAttempt]) -> tuple[PhaseStatus, ...]:
    rows = phases_seen(connection, run_id)
    newest: dict[str, dict[str, StepFound]] = {}
    for step in shown_steps(connection, run_id):
        newest.setdefault(step.phase, {})[step_of(step.name)] = step
    models = {call.phase: call.answered_by for call in calls if call.role == Role.BUILDER and call.answered_by}
    numbers = {row.phase: row.number for row in attempts}
    return tuple(_phase(row, numbers.get(row.phase_id, 0), models.get(row.phase_id), newest.get(row.phase_id, {})) for row in rows)


def _phase(row: PhaseRow, attempts: int, model: str | None, steps: dict[str, StepFound]) -> PhaseStatus:
    is_lost = row.failure_kind and row.state in (PhaseState.FAILED, PhaseState.HELD, PhaseState.RECOVERING)
    risk = _risk(steps.get(StepName.GATE), attempts)
    return PhaseStatus(
        id=row.phase_id,
        state=row.state,
        attempts=attempts,
        commit=row.commit,
        model=model,
        checks=_checks(steps.get(StepName.CHECK)),
        tests=_weighed(steps, attempts),
        quality_level=_quality(row, steps.get(StepName.OLD_TESTS), risk, attempts),
        risk=risk.points if risk else None,
        held=row.held,
        held_because=_held(row),
        skipped_because=row.skipped_because,
        failure=_failure(row, steps.get(StepName.CHECK), attempts) if is_lost else None,
    )


def _held(row: PhaseRow) -> HeldStatus | None:
    if row.held_reason is None:
        return None
    return HeldStatus(reason=row.held_reason, message=row.held_message or "", paths=json.loads(row.held_paths))


def _old(row: StepFound | None, attempt: int) -> "OldTests | None":
    """What the old tests said of the phase's newest attempt."""
    if row is None or row.attempt != attempt:
        return None
    from autopack.core.test_runs import OldTests

    return OldTests.model_validate_json(row.result_json)


def _weighed(steps: dict[str, StepFound], attempt: int) -> WeighedStatus | None:
    old = _old(steps.get(StepName.OLD_TESTS), attempt)
    if old is None:
        return None
    row = steps.get(StepName.NEW_TESTS)
    new = json.loads(row.result_json) if row is not None and row.attempt == attempt else {"fail_without": (), "pass_without": ()}
    return WeighedStatus(
        changed=len(old.changed), gone=len(old.gone), fail_without=len(new["fail_without"]), pass_without=len(new["pass_without"])
    )


def _risk(row: StepFound | None, attempt: int) -> Risk | None:
    """As the gate counted it in the newest attempt."""
    if row is None or row.attempt != attempt:
        return None
    found = json.loads(row.result_json).get("risk")
    return Risk.model_validate(found) if found else None


def _quality(row: PhaseRow, old: StepFound | None, risk: Risk | None, attempt: int) -> str | None:
    if row.state == PhaseState.FAILED or (row.state == PhaseState.HELD and row.held != Hold.REVIEW):
        return QualityLevel.BLOCKED
    if row.state not in (PhaseState.COMPLETE, PhaseState.HELD):
        return None
    found = _old(old, attempt)
    is_to_be_seen = (found is not None and bool(found.not_allowed)) or (risk is not None and risk.level is not QualityLevel.OK)
    return QualityLevel.NEEDS_REVIEW if row.state == PhaseState.HELD or is_to_be_seen else QualityLevel.OK


def _failure(row: PhaseRow, check: StepFound | None, attempt: int) -> FailureStatus:
    fault = None
    if row.failure_kind == FailureKind.CHECKS_RED and check is not None and check.attempt == attempt:
        fault = json.loads(check.result_json).get("fault")
    return FailureStatus(kind=row.failure_kind or "", message=row.failure_message or "", fault=fault)


def _checks(row: StepFound | None) -> ChecksStatus | None:
    if row is None:
        return None
    from autopack.core.checking import CheckReport

    report = CheckReport.model_validate(json.loads(row.result_json))
    return ChecksStatus(passed=report.passed, failed=report.failed, newly_failed=len(report.newly_failed), flaky=len(report.flaky))


def _health(run: RunRow, health: Health) -> HealthStatus:
    kept = json.loads(run.settings_json)
    budget = HealthBudget.model_validate(kept["models"].get("health_budget", {})) if kept else HealthBudget()
    return HealthStatus(
        http_500=health.provider,
        patch_failures=health.patch,
        total_failures=health.failures,
        max_http_500=budget.max_http_500_per_run,
        max_patch_failures=budget.max_patch_failures_per_run,
        max_total_failures=budget.max_total_failures_per_run,
    )


def _budget(run: RunRow, cost: Cost) -> BudgetStatus:
    return BudgetStatus(
        max_usd=run.max_usd,
        max_tokens=run.max_tokens,
        max_hours=run.max_hours,
        spent_usd=float(cost.spent.usd),
        reserved_usd=float(cost.spent.reserved_usd),
        spent_tokens=cost.spent.tokens,
        has_unknown_prices=cost.unpriced > 0,
    )
