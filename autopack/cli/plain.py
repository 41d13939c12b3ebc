"""A run as plain lines on stderr, for pipes, logs and CI: one line for each thing that happened."""

from datetime import UTC, datetime
from typing import Final, Self, TextIO

from autopack.cli.printable import flat
from autopack.core.events import Event

QUIET: Final = frozenset(
    {
        "call_progress",
        "heartbeat",
        "step_derive",
        "step_reply",
        "call_sent",
        "call_replied",
        "run_phases",
        "run_created",
        "run_running",
        "commands_tried",
    }
)


class PlainLines:
    """Prints events as they come; ``say`` is for sentences that belong to no event."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def observe(self, event: Event) -> None:
        if event.event not in QUIET:
            stamp = datetime.fromtimestamp(event.time, UTC).astimezone().strftime("%H:%M:%S")
            self.say(f"{stamp}  {sentence(event)}")

    def say(self, text: str) -> None:
        print(flat(text), file=self._stream, flush=True)


def sentence(event: Event) -> str:
    """One line for a person: where, what, and why if there is a why."""
    message = event.data.get("message")
    if event.phase is None and message:
        return str(message)
    where = event.phase or "run"
    attempt = f" [{event.attempt}]" if event.attempt else ""
    what = event.event.removeprefix("phase_").removeprefix("run_").replace("_", " ")
    told = [f"{name} {_short(name, value)}" for name, value in event.data.items() if name in _TOLD and value not in (None, "", [], ())]
    return f"{where}{attempt}: {what}" + (f" ({', '.join(told)})" if told else "") + (f": {message}" if message else "")


_TOLD: Final = (
    "commit",
    "branch",
    "held",
    "because",
    "kind",
    "model",
    "role",
    "from",
    "to",
    "passed",
    "failed",
    "flaky",
    "mode",
    "outcome",
    "seconds",
    "files",
)
_HASH_LENGTH: Final = 10


def _short(name: str, value: object) -> str:
    if name == "commit":
        return str(value)[:_HASH_LENGTH]
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
