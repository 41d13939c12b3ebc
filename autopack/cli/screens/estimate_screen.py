"""Draws what a plan is likely to take (``plan check --estimate``)."""

from collections.abc import Iterator

from rich.text import Text

from autopack.cli.printable import one_line
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.format import dollars
from autopack.executor.start.estimate_plan import Amount, Calibration, Estimate, PlanEstimate

_COLUMNS = (
    Column("PHASE"),
    Column("BEST", rank=1, is_right=True),
    Column("USD", rank=1, is_right=True),
    Column("LIKELY", rank=2, is_right=True),
    Column("USD", is_right=True),
    Column("WORST", rank=3, is_right=True),
    Column("USD", is_right=True),
)
_LONGEST = 80
_NO_MODEL = "no provider has a key, so no model can be estimated: set one; `autopack doctor` says what is set"


def estimate_lines(found: PlanEstimate, width: int | None) -> Iterator[Text]:
    yield from in_columns(_COLUMNS, [_row(phase) for phase in (*found.phases, found.total)], width)
    yield Text(f"tokens and dollars; {_told(found.calibration)}")
    if any(phase.best.tokens is None for phase in found.phases):
        yield Text(_NO_MODEL)


def _row(phase: Estimate) -> tuple[Text, ...]:
    figures = (figure for amount in (phase.best, phase.likely, phase.worst) for figure in _figures(amount))
    return (Text(one_line(phase.id, _LONGEST)), *figures)


def _figures(amount: Amount) -> tuple[Text, Text]:
    return Text("unknown" if amount.tokens is None else f"{amount.tokens:,}"), Text(dollars(amount.usd))


def _told(calibration: Calibration) -> str:
    if calibration.error is None:
        return "not calibrated: no finished phase of this project is recorded"
    many = f"{calibration.phases} finished phases" if calibration.phases != 1 else "one finished phase"
    return (
        f"calibrated on {many} of this project: {calibration.attempts:.1f} attempts a phase, {calibration.factor:.2f} times what is "
        f"estimated from the files; half of them lay within {calibration.error:.0%}"
    )
