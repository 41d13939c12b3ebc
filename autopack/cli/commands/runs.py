"""``autopack runs`` lists every run of this repository, newest first."""

from pathlib import Path

from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import dollars, mark, moment, named
from autopack.cli.screens.screen import stdout_screen
from autopack.executor.lock import is_alive
from autopack.store.run_list import RunLine, run_lines

_COLUMNS = (
    Column(""),
    Column("RUN"),
    Column("STATE"),
    Column("PHASES", rank=1, is_right=True),
    Column("COST", rank=2, is_right=True),
    Column("STARTED", rank=3),
    Column("ENDED", rank=5),
    Column("WHY", rank=4, wraps=True),
    Column("BRANCH", rank=6),
)
_LONGEST = 200


def runs(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """List the runs of this repository, newest first."""
    with opened(repo, system_clock()) as place:
        lines = run_lines(place.database, lambda run_id: is_alive(place.locks, run_id))
        top = place.repository.top
    if as_json:
        print_json({"schema": 1, "runs": [line.model_dump(mode="json") for line in lines]})
        return
    if not lines:
        note(f"there is no run in {top} yet.")
        return
    screen = stdout_screen()
    screen.show(in_columns(_COLUMNS, [_row(line) for line in lines], screen.width))


def _row(line: RunLine) -> tuple[Text, ...]:
    return (
        mark(line.state),
        Text(line.run_id),
        named(line.state, f"until {moment(line.until)}" if line.until is not None else None),
        Text(f"{line.phases_done}/{line.phases_total}"),
        Text(dollars(line.spent_usd, is_partial=line.has_unknown_prices)),
        Text(moment(line.started)),
        Text(moment(line.ended) if line.ended is not None else ""),
        Text(one_line(line.message or line.reason or "", _LONGEST)),
        Text(one_line(line.branch, _LONGEST)),
    )
