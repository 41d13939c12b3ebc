"""``autopack config show`` prints the effective settings, and where each value came from."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.core.printed import SCHEMA
from autopack.executor.look.config_view import ConfigView, config_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text


_LONGEST = 1000
_DOTS = 2


def show(*, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show the effective settings and where each came from."""
    view = config_at(repo)
    if as_json:
        print_json(_record(view))
        return
    for text in view.notes:
        note(f"note: {text}")
    from autopack.cli.screens.screen import stdout_screen

    screen = stdout_screen()
    screen.show(_lines(view, screen.width))


def _lines(view: ConfigView, width: int | None) -> "Iterator[Text]":
    from rich.text import Text

    from autopack.cli.screens.columns import Column, in_columns

    yield from _settings(view, width)
    yield Text()
    keys = [[Text(key.provider), Text(key.variable), Text(f"…{key.last_four}"), Text(key.source, style="dim")] for key in view.keys]
    if keys:
        yield from in_columns((Column("PROVIDER"), Column("KEY"), Column("ENDS IN"), Column("FROM", wraps=True)), keys, width)
    else:
        yield Text("No provider has a key.")
    for provider, url in view.addresses.items():
        yield Text(f"{provider} is asked at {url}")


def _settings(view: ConfigView, width: int | None) -> "Iterator[Text]":
    """On a terminal prints long names below what they share, so that values and places have room; in a pipe prints each whole."""
    from rich.text import Text

    from autopack.cli.printable import one_line
    from autopack.cli.screens.columns import Column, in_blocks

    names = [("", origin.key) if width is None else _in_two(origin.key) for origin in view.effective.origins]
    rows = [
        [Text(f"  {name}" if shared else name), Text(one_line(origin.value, _LONGEST)), Text(origin.source, style="dim")]
        for (shared, name), origin in zip(names, view.effective.origins, strict=True)
    ]
    head, *blocks = in_blocks((Column("SETTING", wraps=True), Column("VALUE", wraps=True), Column("FROM", wraps=True)), rows, width)
    yield from head
    above = ""
    for (shared, _), block in zip(names, blocks, strict=True):
        if shared and shared != above:
            yield Text(shared, style="bold")
        above = shared
        yield from block


def _in_two(key: str) -> tuple[str, str]:
    """Splits a long name before its last word; keeps a short one whole."""
    shared, _, name = key.rpartition(".")
    return (shared, name) if key.count(".") > _DOTS else ("", key)


def _record(view: ConfigView) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "settings": [origin.model_dump() for origin in view.effective.origins],
        "keys": [
            {"provider": key.provider, "variable": key.variable, "last_four": key.last_four, "source": key.source} for key in view.keys
        ],
        "base_urls": view.addresses,
        "notes": list(view.notes),
    }
