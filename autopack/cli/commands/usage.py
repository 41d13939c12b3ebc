"""``autopack usage`` sums tokens and dollars by phase, role and model."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import dollars
from autopack.cli.screens.period_screen import period_lines
from autopack.cli.screens.prose import labelled, sentence
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import choose_run
from autopack.cli.times import past_moment_of
from autopack.core.errors import UsageError
from autopack.core.status import TodayStatus, UsageStatus
from autopack.executor.look.usage_shown import usage_shown
from autopack.executor.spending import spent_today
from autopack.reporting.period_usage import Period, PeriodUsage
from autopack.reporting.usage import By, RunUsage, SummedUsage, is_planner, run_usage, summed_usage

_COLUMNS = (
    Column("PHASE"),
    Column("ROLE", rank=1),
    Column("REQUESTED", rank=4),
    Column("ANSWERED BY", rank=2),
    Column("CALLS", rank=3, is_right=True),
    Column("IN", rank=1, is_right=True),
    Column("OUT", rank=1, is_right=True),
    Column("CACHE READ", rank=6, is_right=True),
    Column("CACHE WRITE", rank=5, is_right=True),
    Column("USD", is_right=True),
)
_SUMMED = (
    Column(""),
    Column("CALLS", rank=1, is_right=True),
    Column("IN", rank=1, is_right=True),
    Column("OUT", rank=1, is_right=True),
    Column("CACHE READ", rank=3, is_right=True),
    Column("CACHE WRITE", rank=2, is_right=True),
    Column("USD", is_right=True),
)
_LONGEST = 80

SummedBy = Annotated[By | None, typer.Option("--by", show_default=False, help="Sum up all runs, or that one, by one of these.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", show_default=False, help="Only calls from then on: a date (2026-03-01), or 12h, 7d, 2w."),
]


InPeriod = Annotated[
    Period | None, typer.Option("--period", show_default=False, help="By provider and model, in this day, week or month, with quotas.")
]


def usage(
    run_id: NewestRun = None,
    *,
    by: SummedBy = None,
    since: Since = None,
    period: InPeriod = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Show what a run used, by phase, role and model."""
    if period is not None and (by is not None or since is not None):
        raise UsageError("--period says since when and by what; leave --by and --since out.")
    clock = system_clock()
    with opened(repo, clock) as place:
        if period is not None:
            _show_period(usage_shown(place, period, run_id, clock.now()), as_json=as_json)
            return
        if by is not None or since is not None:
            begin = past_moment_of(since, "--since", clock.now()) if since is not None else None
            chosen = place.run(run_id).run_id if run_id is not None else None
            _show_summed(summed_usage(place.database, by or By.RUN, chosen, begin), as_json=as_json)
            return
        of_planner = run_id if is_planner(place.database, run_id) else None
        used = run_usage(place.database, of_planner or choose_run(place, run_id).run_id)
        found = used.model_copy(update={"today": spent_today(place, clock.now())})
    if as_json:
        print_model(found)
        return
    screen = stdout_screen()
    screen.show((*_lines(found, screen.width), *_today(found.today)))


def _today(today: TodayStatus | None) -> Iterator[Text]:
    """What all repositories of this user have spent on this day."""
    if today is not None:
        spent = dollars(today.spent_usd, is_partial=today.unknown_prices > 0)
        held = f", {today.reserved_tokens:,} tokens reserved" if today.reserved_tokens else ""
        yield labelled("today", f"{spent}, {today.spent_tokens:,} tokens{held} (all your repositories, UTC)")


def _show_period(found: PeriodUsage, *, as_json: bool) -> None:
    if as_json:
        print_model(found)
        return
    if not found.models:
        note("no call was made in that time.")
        return
    screen = stdout_screen()
    screen.show(period_lines(found, screen.width))


def _show_summed(found: SummedUsage, *, as_json: bool) -> None:
    if as_json:
        print_model(found)
        return
    if not found.rows:
        note("no call was made in that time.")
        return
    screen = stdout_screen()
    rows = [_row((one.name,), one.usage, is_partial=one.is_partial) for one in found.rows]
    total = _row(("total",), found.total, is_partial=found.unpriced_calls > 0)
    screen.show(in_columns((replace(_SUMMED[0], title=found.by.upper()), *_SUMMED[1:]), [*rows, total], screen.width))


def _lines(found: RunUsage, width: int | None) -> Iterator[Text]:
    rows = [
        _row((one.phase, one.role, one.requested_model, one.answering_model), one.usage, is_partial=one.unpriced_calls > 0)
        for one in found.rows
    ]
    total = _row(("total", "", "", ""), found.total, is_partial=found.unpriced_calls > 0)
    yield from in_columns(_COLUMNS, [*rows, total], width)
    yield Text()
    yield from _caps(found, width)


def _row(names: tuple[str, ...], usage: UsageStatus, *, is_partial: bool) -> tuple[Text, ...]:
    figures = (usage.calls, usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    partial = is_partial and usage.usd is not None
    return (
        *(Text(one_line(name, _LONGEST)) for name in names),
        *(Text(f"{one:,}") for one in figures),
        Text(dollars(usage.usd, is_partial=partial)),
    )


def _caps(found: RunUsage, width: int | None) -> Iterator[Text]:
    budget = found.budget
    if found.unpriced_calls:
        words = f"the price of {found.unpriced_calls} of {found.total.calls} calls; usd_per_mtok in models.yaml would tell it"
        yield from sentence("unknown", words, width)
    if budget.reserved_usd:
        yield labelled("reserved", f"{dollars(budget.reserved_usd)} for calls whose end is not known (yet)")
    caps = [f"{dollars(budget.max_usd)} ({dollars(budget.spent_usd)} spent)"] if budget.max_usd is not None else []
    caps += [f"{budget.max_tokens:,} tokens ({budget.spent_tokens:,} spent)"] if budget.max_tokens is not None else []
    caps += [f"{budget.max_hours:g} hours"] if budget.max_hours is not None else []
    yield labelled("caps", ", ".join(caps) or "none")
