"""A run on a terminal: phases, current step, attempt, model, tokens, cost and elapsed time, redrawn in place."""

import time
from dataclasses import dataclass, field
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from autopack.cli.printable import printable
from autopack.core.events import Event
from autopack.core.states import WORKING, PhaseState, RunState

_MARKS: Final = {
    "complete": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("-", "yellow"),
    "held": ("?", "yellow"),
    "queued": ("·", "dim"),
    "recovering": ("↻", "yellow"),
    "rolled_back": ("↶", "yellow"),
}

_ENDS: Final = frozenset(state.value for state in RunState)


@dataclass
class _Shown:
    """What the table says of one phase."""

    state: str = PhaseState.QUEUED
    attempt: int = 0
    model: str = ""
    note: str = ""
    tokens: int = 0
    began: float | None = None
    took: float = 0.0


@dataclass
class _Totals:
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    has_unknown_price: bool = False
    characters: int = 0
    phases: dict[str, _Shown] = field(default_factory=dict)


class LiveDisplay:
    """Follows the run's events; leaves the last table standing when it ends."""

    def __init__(self, console: Console) -> None:
        self._totals = _Totals()
        self._began = time.monotonic()
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._render, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        self._live.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def observe(self, event: Event) -> None:
        if event.event == "run_phases":
            for name, state in event.data["phases"].items():
                self._totals.phases[name] = _Shown(state)
        elif event.event in ("call_progress", "call_replied", "call_sent"):
            self._on_call(event)
        elif event.phase:
            self._on_phase(event)
        elif event.data.get("message") and event.event.removeprefix("run_") not in _ENDS:
            self.say(printable(str(event.data["message"])))

    def _on_call(self, event: Event) -> None:
        totals, shown = self._totals, self._totals.phases.get(event.phase or "")
        totals.characters = int(event.data.get("characters", 0))
        if event.event == "call_replied":
            totals.input_tokens += int(event.data.get("input_tokens", 0))
            totals.output_tokens += int(event.data.get("output_tokens", 0))
            totals.usd += float(event.data.get("usd") or 0)
            totals.has_unknown_price |= event.data.get("usd") is None
        if shown and event.data.get("model") and event.data.get("role") == "builder":
            shown.model = str(event.data["model"])

    def _on_phase(self, event: Event) -> None:
        shown = self._totals.phases.setdefault(event.phase or "", _Shown())
        shown.attempt = event.attempt or shown.attempt
        if event.event.startswith("phase_"):
            shown.state = event.event.removeprefix("phase_")
            if shown.state == PhaseState.BUILDING and shown.began is None:
                shown.began = time.monotonic()
            if shown.state in _MARKS and shown.began is not None:
                shown.took += time.monotonic() - shown.began
                shown.began = None
            if event.data.get("message") or shown.state == PhaseState.COMPLETE:
                shown.note = printable(str(event.data.get("message") or str(event.data.get("commit", ""))[:10]))

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=1)
        table.add_column(no_wrap=True, max_width=40, overflow="ellipsis")
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for name, shown in self._totals.phases.items():
            table.add_row(*self._row(name, shown))
        return Group(table, self._foot())

    def _row(self, name: str, shown: _Shown) -> tuple[RenderableType, ...]:
        mark, style = _MARKS.get(shown.state, ("", ""))
        first: RenderableType = Spinner("dots") if shown.state in WORKING else Text(mark, style=style)
        seconds = shown.took + (time.monotonic() - shown.began if shown.began is not None else 0.0)
        attempt = f" · attempt {shown.attempt}" if shown.attempt > 1 else ""
        spent = _clock(seconds) if seconds else ""
        detail = shown.note.splitlines()[0] if shown.note and shown.state not in WORKING else shown.model
        return first, name, Text(shown.state.replace("_", " ") + attempt, style=style), spent, Text(detail, style="dim")

    def _foot(self) -> Text:
        totals = self._totals
        cost = f"${totals.usd:.4f}" + (" + unknown prices" if totals.has_unknown_price else "")
        done = sum(shown.state == PhaseState.COMPLETE for shown in totals.phases.values())
        receiving = f" · receiving {totals.characters:,} characters" if totals.characters else ""
        return Text(
            f"{done}/{len(totals.phases)} phases · {_clock(time.monotonic() - self._began)} · "
            f"{totals.input_tokens:,} in, {totals.output_tokens:,} out · {cost}{receiving}",
            style="dim",
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
