"""``autopack doctor`` looks at the machine as one would before a night."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from autopack.cli.from_here import from_here
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import print_json
from autopack.cli.screens.prose import sentence
from autopack.cli.screens.screen import stdout_screen

if TYPE_CHECKING:
    from autopack.core.readiness import Readiness

Online = Annotated[bool, typer.Option("--online", help="Ask every model that a run could reach one tiny question; that costs a little.")]

_TITLES = {"configuration": "config"}
_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "stops": ("✗", "red")}


def doctor(*, online: Online = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Look whether a run could work here: git, configuration, plan, sandbox, disk, keys, models. Makes nothing."""
    from autopack.executor.start.readiness import look

    readiness = look(repo, system_clock(), is_online=online)
    if as_json:
        print_json({"schema": 1, "exit_code": readiness.exit_code, **readiness.model_dump(mode="json")})
    else:
        screen = stdout_screen()
        screen.show(_lines(readiness, screen.width, repo))
    raise typer.Exit(readiness.exit_code)


def _lines(readiness: "Readiness", width: int | None, repo: Path) -> Iterator[Text]:
    before = ""
    for one in readiness.findings:
        sign, style = _SIGNS[one.status]
        title = "" if one.check == before else _TITLES.get(one.check, one.check)
        before = one.check
        yield from sentence(title, f"{sign} {one.message}", width, lines=3, style=style if one.status != "ok" else "")
        if one.do:
            yield from sentence("", f"  → {from_here(one.do, repo)}", width, lines=2)
    yield Text()
    code = readiness.exit_code
    yield Text("A run can work here." if code == 0 else f"A run would end at once, with exit code {code}.", style="bold")
