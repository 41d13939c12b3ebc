"""A run as plain lines on stderr, for pipes, logs and CI: one line for each thing that happened."""

from datetime import UTC, datetime
from typing import TextIO

from autopack.core.events import Event

QUIET = frozenset({"call_progress", "heartbeat", "step_derive", "call_replied"})


class PlainLines:
    """Prints events as they come; ``say`` is for sentences that belong to no event."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __enter__(self) -> "PlainLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def observe(self, event: Event) -> None:
        if event.event not in QUIET:
            stamp = datetime.fromtimestamp(event.time, UTC).astimezone().strftime("%H:%M:%S")
            self.say(f"{stamp}  {sentence(event)}")

    def say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


def sentence(event: Event) -> str:
    """One line for a person: where, what, and why if there is a why."""
    where = event.phase or "run"
    attempt = f" [{event.attempt}]" if event.attempt else ""
    what = event.event.removeprefix("phase_").removeprefix("run_").replace("_", " ")
    told = [f"{name} {_short(name, value)}" for name, value in event.data.items() if name in _TOLD and value not in (None, "", [], ())]
    message = event.data.get("message")
    return f"{where}{attempt}: {what}" + (f" ({', '.join(told)})" if told else "") + (f": {message}" if message else "")


_TOLD = ("commit", "branch", "held", "because", "kind", "model", "role", "passed", "failed", "flaky", "mode", "outcome", "seconds", "files")
_HASH_LENGTH = 10


def _short(name: str, value: object) -> str:
    if name == "commit":
        return str(value)[:_HASH_LENGTH]
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
