"""``autopack config show``: what is in force, and where each value came from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.situation import Situation, situation_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text


def show(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show the effective settings and where each came from."""
    situation = situation_at(repo)
    if as_json:
        print_json(_record(situation))
        return
    for text in situation.notes:
        note(f"note: {text}")
    from autopack.cli.screen import stdout_screen

    screen = stdout_screen()
    screen.show(_lines(situation, screen.width))


def _lines(situation: Situation, width: int | None) -> "Iterator[Text]":
    from rich.text import Text

    from autopack.cli.columns import Column, in_columns
    from autopack.cli.printable import one_line

    rows = [
        [Text(origin.key), Text(one_line(origin.value, 60)), Text(origin.source, style="dim")] for origin in situation.effective.origins
    ]
    yield from in_columns((Column("SETTING"), Column("VALUE"), Column("FROM", rank=1)), rows, width)
    yield Text()
    keys = [[Text(key.provider), Text(key.variable), Text(f"…{key.last_four}"), Text(key.source, style="dim")] for key in situation.keys]
    if keys:
        yield from in_columns((Column("PROVIDER"), Column("KEY"), Column("ENDS IN"), Column("FROM")), keys, width)
    else:
        yield Text("No provider has a key.")
    for provider, url in situation.addresses.items():
        yield Text(f"{provider} is asked at {url}")


def _record(situation: Situation) -> dict[str, Any]:
    return {
        "schema": 1,
        "settings": [origin.model_dump() for origin in situation.effective.origins],
        "keys": [
            {"provider": key.provider, "variable": key.variable, "last_four": key.last_four, "source": key.source} for key in situation.keys
        ],
        "base_urls": situation.addresses,
        "notes": list(situation.notes),
    }
