"""Redraws a run in place on a terminal: phases, current step, attempt, model, tokens, cost and elapsed time."""

import time
from collections.abc import Iterator
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from autopack.cli.printable import flat, one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import mark, moment, named
from autopack.cli.screens.progress import PhaseProgress, Progress
from autopack.core.events import Event

_COLUMNS: Final = (
    Column("", rank=0),
    Column("PHASE"),
    Column("STATE"),
    Column("TRY", rank=1, is_right=True),
    Column("TIME", rank=2, is_right=True),
    Column("MODEL", rank=3),
    Column("COMMIT", rank=4),
)
_INDENT: Final = "   "
_BESIDE: Final = 5
"""Lines of the screen that are not the table's: titles, two for what is left out, foot, the cursor's."""


class LiveDisplay:
    """Follows the run's events; leaves the last table on the screen when it ends."""

    is_unread = False  # as ``PlainLines``

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress()
        self._began = time.monotonic()
        self._spinner = Spinner("dots")
        self._is_ended = False
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._render, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ended = True
        self._live.stop()

    def say(self, text: str) -> None:
        self._console.print(flat(text), highlight=False, markup=False)

    def observe(self, event: Event) -> None:
        said = self._progress.observe(event)
        if said is not None:
            self.say(said)

    def _render(self) -> RenderableType:
        return Group(*self._table(), *self._running(), *self._waiting(), self._foot())

    def _table(self) -> Iterator[Text]:
        """All phases at the end; before that, as many as the screen holds, with the one at work."""
        phases, width, now = self._progress.phases, self._console.width, time.monotonic()
        if not phases:
            return
        head, *lines = in_columns(_COLUMNS, [self._row(name, phase, now) for name, phase in phases.items()], width)
        blocks = [[line, *self._note(phase, width)] for line, phase in zip(lines, phases.values(), strict=True)]
        room = self._console.height - _BESIDE - len((*self._running(), *self._waiting()))
        shown = range(len(blocks)) if self._is_ended else _in_sight(blocks, self._at_work(), room)
        yield head
        yield from _left_out(shown.start, "above")
        for block in blocks[shown.start : shown.stop]:
            yield from block
        yield from _left_out(len(blocks) - shown.stop, "below")

    def _at_work(self) -> int:
        """The position of the phase at work; without one, of the phase that ended last."""
        phases = list(self._progress.phases.values())
        return next((at for at, phase in enumerate(phases) if phase.is_working), len(phases) - 1 if self._progress.complete else 0)

    def _row(self, name: str, phase: PhaseProgress, now: float) -> tuple[Text, ...]:
        first = self._spin() if phase.is_working else mark(phase.state)
        seconds = phase.seconds(now)
        cells = str(phase.attempt or ""), _clock(seconds) if seconds else "", phase.asked or phase.model, phase.commit
        return first, Text(name), named(phase.state), *(Text(cell, style="dim") for cell in cells)

    def _note(self, phase: PhaseProgress, width: int) -> Iterator[Text]:
        """One line below the phase: which model is answering, else why the phase or its last attempt ended as it did."""
        characters = f", {self._progress.characters:,} characters so far" if self._progress.characters else ""
        if phase.asked:
            note = f"attempt {phase.attempt}: asking {phase.asked}{characters}"
        else:
            note = f"last attempt: {phase.note}" if phase.note and phase.is_working else phase.note
        if note:
            line = Text(_INDENT + one_line(note, width), style="dim")
            line.truncate(width, overflow="ellipsis")
            yield line

    def _running(self) -> Iterator[Text]:
        """The command of set-up, or of a check on the base, that is running right now, with its own time."""
        if self._progress.command is not None and not self._is_ended:
            what, began = self._progress.command
            line = Text(f"{_INDENT}{_clock(time.monotonic() - began)} {what}", style="dim")
            line.truncate(self._console.width, overflow="ellipsis")
            yield line

    def _waiting(self) -> Iterator[Text]:
        """Until when the run waits for a provider."""
        until = self._progress.waits_until
        if until is not None and not self._is_ended:
            left = _clock(max(0.0, until - time.time()))
            line = Text(f"{_INDENT}waiting for a provider until {moment(until)} ({left} left)", style="bold")
            line.truncate(self._console.width, overflow="ellipsis")
            yield line

    def _spin(self) -> Text:
        drawn = self._spinner.render(self._console.get_time())
        return drawn if isinstance(drawn, Text) else Text()

    def _foot(self) -> Text:
        progress = self._progress
        cost = f"${progress.usd:.4f}" + (" + unknown prices" if progress.has_unknown_price else "")
        parts = [f"{progress.complete}/{len(progress.phases)} phases"] if progress.phases else []
        parts += [_clock(time.monotonic() - self._began), f"{progress.input_tokens:,} in, {progress.output_tokens:,} out", cost]
        is_idle = not self._is_ended and not any(phase.is_working for phase in progress.phases.values())
        foot = Text.assemble(self._spin() if is_idle else "", "  " if is_idle else "", (" · ".join(parts), "dim"))
        foot.truncate(self._console.width, overflow="ellipsis")
        return foot


def _in_sight(blocks: list[list[Text]], wanted: int, room: int) -> range:
    """Chooses the blocks that fit: the earliest that include ``wanted``."""
    heights = [len(block) for block in blocks]
    first = 0
    while first < wanted and sum(heights[first : wanted + 1]) > room:
        first += 1
    last = wanted + 1
    while last < len(heights) and sum(heights[first : last + 1]) <= room:
        last += 1
    return range(first, last)


def _left_out(count: int, where: str) -> Iterator[Text]:
    if count:
        yield Text(f"{_INDENT}… {count} more {where}", style="dim")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
