"""A run as JSON lines on stdout: one event a line, the last one ``run_finished``."""

import json
from typing import Self, TextIO

from autopack.core.events import Event

UNTOLD = frozenset({"call_progress"})


class JsonLines:
    """Sentences that belong to no event go to ``notes``."""

    def __init__(self, stream: TextIO, notes: TextIO) -> None:
        self._stream = stream
        self._notes = notes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def observe(self, event: Event) -> None:
        if event.event not in UNTOLD:
            print(json.dumps(event.line(), ensure_ascii=False, default=str), file=self._stream, flush=True)

    def say(self, text: str) -> None:
        print(text, file=self._notes, flush=True)
