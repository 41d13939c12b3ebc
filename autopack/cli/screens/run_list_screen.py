"""The list of runs: a row each; where the width leaves no room for a column of reasons, the reason stands below its row."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_blocks, wrapped
from autopack.cli.screens.format import dollars, mark, moment, named
from autopack.store.run_list import RunLine

WHY: Final = "WHY"
_COLUMNS: Final = (
    Column(""),
    Column("RUN"),
    Column("STATE"),
    Column("PHASES", rank=1, is_right=True),
    Column("COST", rank=2, is_right=True),
    Column("STARTED", rank=3),
    Column("ENDED", rank=5),
    Column(WHY, rank=4, wraps=True),
    Column("BRANCH", rank=6),
)
_LONGEST: Final = 200
_INDENT: Final = "   "


def run_list_lines(runs: Sequence[RunLine], width: int | None) -> Iterator[Text]:
    """``width`` None: as wide as it takes."""
    title, *blocks = in_blocks(_COLUMNS, [_row(run) for run in runs], width)
    yield from title
    is_column = WHY in title[0].plain.split()
    for run, block in zip(runs, blocks, strict=True):
        yield from block
        if width is not None and not is_column and _why(run):
            yield from (Text(f"{_INDENT}{line.plain}", style="dim") for line in wrapped(Text(_why(run)), width - len(_INDENT)))


def _row(run: RunLine) -> tuple[Text, ...]:
    return (
        mark(run.state),
        Text(run.run_id),
        named(run.state, f"until {moment(run.until)}" if run.until is not None else None),
        Text(f"{run.phases_done}/{run.phases_total}"),
        Text(dollars(run.spent_usd, is_partial=run.has_unknown_prices)),
        Text(moment(run.started)),
        Text(moment(run.ended) if run.ended is not None else ""),
        Text(_why(run)),
        Text(one_line(run.branch, _LONGEST)),
    )


def _why(run: RunLine) -> str:
    return one_line(run.message or run.reason or "", _LONGEST)
