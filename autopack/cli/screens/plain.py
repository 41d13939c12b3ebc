"""Prints a run as plain lines on stderr, for pipes, logs and CI: one line for each thing that happened."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self, TextIO

from autopack.cli.printable import flat
from autopack.core.events import PHASE, RUN, Event, EventName, phase_event, run_event, step_event
from autopack.core.states import PhaseState, RunState
from autopack.core.step_names import StepName, step_of

QUIET: Final = frozenset(
    {
        EventName.CALL_PROGRESS,
        EventName.HEARTBEAT,
        step_event(StepName.DERIVE),
        step_event(StepName.REPLY),
        EventName.CALL_SENT,
        EventName.CALL_REPLIED,
        EventName.RUN_PHASES,
        EventName.RUN_CREATED,
        run_event(RunState.RUNNING),
        EventName.COMMANDS_TRIED,
        EventName.GOAL_DRIFT_UNAVAILABLE,
        EventName.ROUTE_GIVEN_UP,  # what follows says why
    }
)


_STARTED: Final = EventName.COMMAND_STARTED
_COMMANDS: Final = (_STARTED, EventName.COMMAND_ENDED)
_WORTH_A_LINE_S: Final = 10


class PlainLines:
    """Prints events as they come; ``say`` is for sentences that belong to no event."""

    is_unread = False  # the run goes on without anybody to look on

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._command: Event | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def observe(self, event: Event) -> None:
        if event.event == EventName.HEARTBEAT and self._command is not None:
            event = _still(self._command, event.time)
        elif event.event in _COMMANDS:
            self._command = event if event.event == _STARTED else None
        is_short = event.event in _COMMANDS and event.data.get("seconds", _WORTH_A_LINE_S) < _WORTH_A_LINE_S
        if event.event not in QUIET and not is_short:
            stamp = datetime.fromtimestamp(event.time, UTC).astimezone().strftime("%H:%M:%S")
            self.say(f"{stamp}  {sentence(event)}")

    def say(self, text: str) -> None:
        print(flat(text), file=self._stream, flush=True)


def _still(started: Event, now: float) -> Event:
    message = f"{started.data['message']}: running for {now - started.time:.0f} s"
    return started.model_copy(update={"time": now, "data": {"message": message}})


def sentence(event: Event) -> str:
    """One line for a person: where, what, and why if there is a why."""
    message = event.data.get("message")
    if event.phase is None and message:
        return str(message)
    where = event.phase or "run"
    attempt = f" [{event.attempt}]" if event.attempt else ""
    what = _WORDS.get(step_of(event.event)) or event.event.removeprefix(PHASE).removeprefix(RUN).replace("_", " ")
    told = [
        *_figures(event.data),
        *(say(event.data[name]) for name, say in _TOLD.items() if event.data.get(name) not in (None, "", [], ())),
    ]
    return f"{where}{attempt}: {what}" + (f" ({', '.join(told)})" if told else "") + (f": {message}" if message else "")


def _figures(data: Mapping[str, Any]) -> Iterator[str]:
    """``15 passed, 1 failed``; a check that knows no tests says so."""
    if "passed" not in data or "failed" not in data:
        return
    counts = [f"{data[name]} {name}" for name in _COUNTED if data.get(name)]
    yield ", ".join(counts) or "no tests"


def _named(name: str) -> Callable[[Any], str]:
    return lambda value: f"{name} {_joined(value)}"


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _words(value: object) -> str:
    return str(value).replace("_", " ")


_HASH_LENGTH: Final = 10
_COUNTED: Final = ("passed", "failed", "flaky")
_WORDS: Final = {
    phase_event(PhaseState.RECOVERING): "attempt failed",
    step_event(StepName.CHECK): "checks",
    step_event(StepName.EXPLORE): "looked",
    step_event(StepName.AUDIT_EXPLORE): "auditor looked",
    step_event(StepName.DRIFT): "goal drift",
    EventName.RECOVERY_DECIDED: "decided",
    step_event(StepName.REPLAN): "replanner",
    step_event(StepName.DOCTOR): "doctor",
}
_TOLD: Final[Mapping[str, Callable[[Any], str]]] = {
    "commit": lambda value: f"commit {str(value)[:_HASH_LENGTH]}",
    "branch": _named("branch"),
    "held": _words,
    "because": _named("because"),
    "kind": _words,
    "remedy": _words,
    "model": _named("model"),
    "role": _named("role"),
    "from": _named("from"),
    "to": _named("to"),
    "mode": _words,
    "outcome": _words,
    "seconds": lambda value: f"{value} s",
    "files": _named("files"),
}
