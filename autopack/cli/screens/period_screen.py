"""Draws ``usage --period``: what each provider and each model was used for, and how much of a quota that is."""

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import dollars
from autopack.reporting.period_usage import ModelUsage, PeriodUsage, ProviderUsage

_FIGURES: Final = (
    Column("IN", rank=2, is_right=True),
    Column("OUT", rank=2, is_right=True),
    Column("TOKENS", is_right=True),
    Column("USD", is_right=True),
)
_PROVIDERS: Final = (Column("PROVIDER"), *_FIGURES, Column("QUOTA", rank=1, is_right=True), Column("USED", rank=1, is_right=True))
_MODELS: Final = (Column("MODEL"), *_FIGURES)
_LONGEST: Final = 80


def period_lines(found: PeriodUsage, width: int | None) -> Iterator[Text]:
    yield from in_columns(_PROVIDERS, [(Text(one.provider), *_figures(one), *_quota(one)) for one in found.providers], width)
    yield Text()
    rows = [(Text(one_line(f"{one.provider}/{one.model}", _LONGEST)), *_figures(one)) for one in found.models]
    yield from in_columns(_MODELS, rows, width)


def _figures(one: ProviderUsage | ModelUsage) -> tuple[Text, ...]:
    usd = dollars(one.usd, is_partial=one.unpriced_calls > 0 and one.usd is not None)
    return (*(Text(f"{count:,}") for count in (one.prompt_tokens, one.completion_tokens, one.total_tokens)), Text(usd))


def _quota(one: ProviderUsage) -> tuple[Text, Text]:
    if one.cap_tokens is None:
        return Text("none"), Text()
    return Text(f"{one.cap_tokens:,}"), Text(f"{one.percent_of_cap:g} %")
