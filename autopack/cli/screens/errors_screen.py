"""Draws what went wrong: the errors of a run in columns, one of them whole, and how failures were overcome."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import moment, reason
from autopack.cli.screens.prose import sentence
from autopack.reporting.error_list import ErrorStory
from autopack.reporting.error_report import as_text
from autopack.reporting.story import Overcome

_COLUMNS: Final = (
    Column("RUN", rank=1),
    Column("NO", is_right=True),
    Column("TIME", rank=3),
    Column("COMPONENT", rank=2),
    Column("KIND"),
    Column("PHASE", rank=1),
    Column("ATTEMPT", rank=4, is_right=True),
    Column("MESSAGE", wraps=True),
    Column("RESOLVED", rank=2, wraps=True),
)
_LONGEST: Final = 160


def error_rows(errors: Sequence[ErrorStory], width: int | None, *, has_runs: bool) -> Iterator[Text]:
    """``has_runs``: each says which run it is of."""
    yield from in_columns(_COLUMNS, [_row(error, has_runs=has_runs) for error in errors], width)


def error_lines(error: ErrorStory, width: int | None) -> Iterator[Text]:
    for line in as_text(error).rstrip().splitlines():
        yield Text(line)
    yield Text()
    yield from sentence("resolved", error.resolved or "not yet", width)


def overcome_lines(entry: Overcome, width: int | None) -> Iterator[Text]:
    """What it was, what was tried, what resolved it."""
    attempts = f"attempt {entry.attempts[0]}" if len(entry.attempts) == 1 else f"attempts {', '.join(map(str, entry.attempts))}"
    yield from sentence("overcame", f"{reason(entry.kind, entry.message)} ({attempts})", width)
    for tried in entry.tried:
        yield from sentence("  tried", tried, width)
    yield from sentence("  by", entry.resolved, width)


def _row(error: ErrorStory, *, has_runs: bool) -> tuple[Text, ...]:
    return (
        Text(error.run_id or "-" if has_runs else ""),
        Text(str(error.number) if error.number else ""),
        Text(moment(datetime.fromisoformat(error.time).timestamp())),
        Text(error.component),
        Text(error.kind.replace("_", " ")),
        Text(error.phase or ""),
        Text(str(error.attempt) if error.attempt else ""),
        Text(one_line(error.message, _LONGEST)),
        Text(one_line(error.resolved or "not yet", _LONGEST)),
    )
