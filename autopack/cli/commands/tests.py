"""``autopack tests flaky``: which tests of the project come and go."""

from pathlib import Path
from typing import Final

from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Project, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import moment
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import project_of
from autopack.core.printed import SCHEMA
from autopack.store.flaky import FlakyTest, flaky_tests

_COLUMNS: Final = (
    Column("TEST", wraps=True),
    Column("TIMES", is_right=True),
    Column("RUNS", rank=1, is_right=True),
    Column("FIRST SEEN", rank=2),
    Column("LAST SEEN"),
)
_LONGEST: Final = 300


def flaky(*, project: Project = None, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """List the project's tests that failed and passed on the same code, and how often."""
    with opened(repo, system_clock()) as place:
        name = project_of(place, project)
        found = flaky_tests(place.database, name)
    if as_json:
        print_json({"schema": SCHEMA, "project": name, "tests": [one.model_dump(mode="json") for one in found]})
        return
    screen = stdout_screen()
    if found:
        screen.show(in_columns(_COLUMNS, [_row(one) for one in found], screen.width))
    else:
        note(f"No test of project '{name}' is known to come and go.")


def _row(one: FlakyTest) -> tuple[Text, ...]:
    figures = (Text(f"{one.times:,}"), Text(f"{one.runs:,}"), Text(moment(one.first_seen)), Text(moment(one.last_seen)))
    return (Text(one_line(one.test, _LONGEST)), *figures)
