"""Prints a run as plain lines on stderr, for pipes, logs and CI: one line for each thing that happened."""

from datetime import UTC, datetime
from typing import Final, Self, TextIO

from autopack.cli.printable import flat
from autopack.core.events import Event, EventName, run_event, step_event
from autopack.core.states import RunState
from autopack.core.step_names import StepName
from autopack.reporting.event_sentence import sentence

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
