"""Writes a run as JSON lines on stdout: one event a line, the last one ``run_finished``."""

from typing import Self, TextIO

from autopack.cli.printable import flat
from autopack.cli.streams import silence
from autopack.core.events import Event
from autopack.core.printed import json_line

UNTOLD = frozenset({"call_progress"})


class JsonLines:
    """Sentences that belong to no event go to ``notes``. ``is_unread``: the reader went away."""

    def __init__(self, stream: TextIO, notes: TextIO) -> None:
        self._stream = stream
        self._notes = notes
        self.is_unread = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._put("")

    def observe(self, event: Event) -> None:
        if event.event not in UNTOLD:
            self._put(json_line(event.line()) + "\n")

    def say(self, text: str) -> None:
        print(flat(text), file=self._notes, flush=True)

    def _put(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            self.is_unread = True
            silence(self._stream)
