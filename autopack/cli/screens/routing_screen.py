"""Draws who is asked for what: tiers for which it is the same stand in one line, and a category only where it differs from the others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from rich.text import Text

from autopack.cli.screens.columns import Column, in_columns
from autopack.core.models_settings import TIERS
from autopack.core.models_shown import RoutingShown

_COLUMNS: Final = (Column("ROLE"), Column("FOR", wraps=True), Column("ASKED", wraps=True), Column("STANDS IN", wraps=True))


def routing_lines(table: Sequence[RoutingShown], aliases: Mapping[str, str], width: int | None) -> Iterator[Text]:
    """``aliases``: the short names of models, by which they are shown."""
    together: dict[RoutingShown, list[str]] = {}
    for line in table:
        if not line.category or line.model_copy(update={"category": None}) not in table:
            together.setdefault(line.model_copy(update={"complexity": "low"}), []).append(line.complexity)

    def short(name: str) -> str:
        return aliases.get(name, name)

    yield from in_columns(_COLUMNS, [_row(line, tiers, short) for line, tiers in together.items()], width)


def _row(line: RoutingShown, tiers: Sequence[str], short: Callable[[str], str]) -> tuple[Text, ...]:
    which = ", ".join(tiers) if len(tiers) < len(TIERS) else ""
    what = f"{line.category} ({which})" if line.category and which else line.category or which or "any phase"
    asked = Text(short(line.asked_first) if line.asked_first else "nobody: no key", style="bold")
    if line.second_auditor:
        asked += Text(f" and {short(line.second_auditor)}")
    for step in line.escalates:
        asked += Text(f", {short(step.model)} after {step.after}")
    return Text(line.role), Text(what), asked, Text(", ".join(map(short, line.stands_in)) or "nobody")
