"""Adds up a run's events: where each phase is, what was used, and what deserves a line of its own."""

import time
from dataclasses import dataclass, field
from typing import Any, Final

from autopack.cli.printable import flat
from autopack.core.call import Role
from autopack.core.events import PHASE, STEP, Event, EventName, run_event
from autopack.core.states import WORKING, PhaseState, RunState
from autopack.core.status import PhaseStatus
from autopack.reporting.event_sentence import sentence

_ENDS: Final = frozenset(run_event(state) for state in RunState)
_COMMIT_LENGTH: Final = 10


@dataclass
class PhaseProgress:
    """``note`` says why a phase ended as it did, is held, or is built again; ``asked`` is the model that is answering right now."""

    state: str = PhaseState.QUEUED
    attempt: int = 0
    model: str = ""
    asked: str = ""
    commit: str = ""
    note: str = ""
    began: float | None = None
    took_s: float = 0.0

    @classmethod
    def of(cls, status: PhaseStatus) -> "PhaseProgress":
        """Where an earlier start left the phase."""
        note = status.failure.message if status.failure else f"because of {status.skipped_because}" if status.skipped_because else ""
        commit = (status.commit or "")[:_COMMIT_LENGTH]
        return cls(status.state, status.attempts, status.model or "", commit=commit, note=flat(note))

    @property
    def is_working(self) -> bool:
        return self.state in WORKING

    def seconds(self, now: float) -> float:
        return self.took_s + (now - self.began if self.began is not None else 0.0)


@dataclass
class Progress:
    """Follows a run's events; tokens and dollars are those of the whole run, over all its starts."""

    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    has_unknown_price: bool = False
    characters: int = 0
    command: tuple[str, float] | None = None
    """What is running before the first phase, and since when."""

    waits_until: float | None = None
    """When a provider is asked again that nobody stands in for."""

    phases: dict[str, PhaseProgress] = field(default_factory=dict)

    def observe(self, event: Event) -> str | None:
        """The text for a line of its own, if there is one."""
        if event.event in _ENDS or event.event == EventName.WAIT_OVER:
            self.waits_until = event.data.get("until")
        match event.event:
            case EventName.RUN_PHASES:
                self._begin(event.data)
            case EventName.COMMAND_STARTED:
                self.command = (flat(str(event.data["message"])), time.monotonic())
            case EventName.COMMAND_ENDED:
                self.command = None
            case EventName.CALL_SENT | EventName.CALL_PROGRESS | EventName.CALL_REPLIED:
                self._on_call(event)
            case _ if event.phase and event.event.startswith(PHASE):
                self._on_phase(event, self.phases.setdefault(event.phase, PhaseProgress()))
            case name if name.startswith(STEP) or name in _ENDS or name == EventName.WAIT_OVER:
                pass
            case _ if event.phase or event.data.get("message"):
                return sentence(event)
        return None

    @property
    def complete(self) -> int:
        return sum(phase.state == PhaseState.COMPLETE for phase in self.phases.values())

    def _begin(self, data: dict[str, Any]) -> None:
        statuses = (PhaseStatus.model_validate(status) for status in data["status"])
        self.phases = {status.id: PhaseProgress.of(status) for status in statuses}
        self._add(data["usage"])

    def _on_call(self, event: Event) -> None:
        self.characters = int(event.data.get("characters", 0))
        if event.event == EventName.CALL_REPLIED:
            self._add(event.data)
        phase, model = self.phases.get(event.phase or ""), flat(str(event.data.get("model", "")))
        if phase and event.event != EventName.CALL_PROGRESS:
            phase.asked = model if event.event == EventName.CALL_SENT else ""
            phase.model = model if event.data["role"] == Role.BUILDER else phase.model

    def _add(self, usage: dict[str, Any]) -> None:
        self.input_tokens += int(usage["input_tokens"])
        self.output_tokens += int(usage["output_tokens"])
        self.usd += float(usage["usd"] or 0)
        self.has_unknown_price |= usage["usd"] is None

    def _on_phase(self, event: Event, phase: PhaseProgress) -> None:
        phase.attempt = event.attempt or phase.attempt
        phase.state = event.event.removeprefix(PHASE)
        if phase.is_working and phase.began is None:
            phase.began = time.monotonic()
        if not phase.is_working and phase.began is not None:
            phase.took_s, phase.began, phase.asked = phase.seconds(time.monotonic()), None, ""
        if event.data.get("commit") and phase.state == PhaseState.COMPLETE:
            phase.commit, phase.note = str(event.data["commit"])[:_COMMIT_LENGTH], ""
        told = event.data.get("message") or event.data.get("because")
        if told:
            phase.note = flat(str(told) if event.data.get("message") else f"because of {told}")
