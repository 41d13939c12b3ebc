"""A run as JSON lines on stdout: one event a line, the last one ``run_finished``."""

from typing import Self, TextIO

from autopack.cli.output import json_line
from autopack.cli.printable import flat
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
            print(json_line(event.line()), file=self._stream, flush=True)

    def say(self, text: str) -> None:
        print(flat(text), file=self._notes, flush=True)
