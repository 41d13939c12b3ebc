"""One line of a run's log, as it is stored, printed by ``run --json`` and shown live; and the names that events have."""

from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from autopack.core.model import Frozen
from autopack.core.printed import SCHEMA
from autopack.core.states import PhaseState, RunState


class EventName(StrEnum):
    """All but those of states and steps, which ``phase_event``, ``run_event`` and ``step_event`` name."""

    RUN_CREATED = "run_created"
    RUN_INTRODUCED = "run_introduced"
    RUN_PHASES = "run_phases"
    PLAN_CHANGED = "plan_changed"
    SETUP = "setup"
    SUBMODULES = "submodules"
    NOTE = "note"
    PREFLIGHT = "preflight"
    COMMANDS_TRIED = "commands_tried"
    COMMAND_STARTED = "command_started"
    COMMAND_ENDED = "command_ended"
    HEARTBEAT = "heartbeat"
    MACHINE_SLEPT = "machine_slept"
    LEFTOVERS_ENDED = "leftovers_ended"
    PERSON_COMMITS = "person_commits"
    CHECKED_OUT = "checked_out"
    RECALLED = "recalled"
    EMBEDDINGS_UNAVAILABLE = "embeddings_unavailable"
    GOAL_DRIFT_UNAVAILABLE = "goal_drift_unavailable"
    RULES_SHOWN = "rules_shown"
    LOOKED = "looked"
    CALL_SENT = "call_sent"
    CALL_PROGRESS = "call_progress"
    CALL_REPLIED = "call_replied"
    WIRE_FAILURE = "wire_failure"
    WIRE_WAIT = "wire_wait"
    WAIT_OVER = "wait_over"
    ROUTE_GIVEN_UP = "route_given_up"
    FALLBACK = "fallback"
    PROVIDER_GIVEN_UP = "provider_given_up"
    OVERRUN = "overrun"
    STEPPED_DOWN = "stepped_down"
    REPLAY_DRIFT = "replay_drift"
    CHECK_WROTE = "check_wrote"
    FLAKY = "flaky"
    WEIGHING_TESTS = "weighing_tests"
    AUDIT_UNREADABLE = "audit_unreadable"
    FINAL_CHECKS = "final_checks"
    RECOVERY_DECIDED = "recovery_decided"
    FIX_BEGUN = "fix_begun"
    NOTIFY_FAILED = "notify_failed"
    STOP_REQUESTED = "stop_requested"


PHASE: Final = "phase_"
RUN: Final = "run_"
STEP: Final = "step_"


def phase_event(state: PhaseState) -> str:
    """Of a phase that came into a state."""
    return f"{PHASE}{state}"


def run_event(state: RunState) -> str:
    """Of a run that came into a state."""
    return f"{RUN}{state}"


def step_event(recorded: str) -> str:
    """Of a step that makes no transition; ``recorded`` is the name that its result is recorded under."""
    return f"{STEP}{recorded}"


class Event(Frozen):
    """``event`` is an ``EventName``, or names a state or a step. ``time`` is UTC epoch seconds; ``data`` holds JSON values only."""

    run_id: str
    event: str
    time: float
    phase: str | None = None
    attempt: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """The object that ``run --json`` prints."""
        from datetime import UTC, datetime

        stamp = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        head = {"schema": SCHEMA, "time": stamp, "run_id": self.run_id, "phase": self.phase, "attempt": self.attempt, "event": self.event}
        return {**self.data, **head}
