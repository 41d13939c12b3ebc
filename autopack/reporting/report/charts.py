"""Charts as SVG: bars of what was used, the attempts of each phase over time. Their words are HTML and stay readable. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from autopack.core.status import UsageStatus
from autopack.reporting.report.markup import Markup, tag
from autopack.reporting.report.model import PhaseReport, Times
from autopack.reporting.usage import Share

_WIDE: Final = 1000
_LEAST: Final = 4
_NO_PRICE: Final = "unknown"


def cost_bars(title: str, shares: Sequence[Share]) -> Markup:
    """Dollars and tokens of each; a price that is not known is said, never drawn as nothing."""
    most_usd, most_tokens = max((one.usage.usd or 0 for one in shares), default=0), max((one.tokens for one in shares), default=0)
    rows = [
        tag(
            "tr",
            tag("th", one.name, scope="row"),
            tag("td", _bar(one.usage.usd or 0, most_usd, "usd"), tag("span", dollars(one.usage, is_partial=one.is_partial))),
            tag("td", _bar(one.tokens, most_tokens, "tokens"), tag("span", f"{one.tokens:,}")),
        )
        for one in shares
    ]
    head = tag("tr", tag("th", title, scope="col"), tag("th", "dollars", scope="col"), tag("th", "tokens", scope="col"))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="bars")


def time_bars(times: Times) -> Markup:
    parts = (("models", times.models), ("checks", times.checks), ("waiting", times.waiting), ("everything else", times.other))
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", _bar(value, times.worked, "time"), tag("span", span(value))))
        for name, value in parts
    ]
    head = tag("tr", tag("th", "time", scope="col"), tag("th", f"of {span(times.worked)}", scope="col"))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="bars")


def timeline(phases: Iterable[PhaseReport]) -> Markup | None:
    """A row for each phase, a block for each attempt, from the first attempt's begin to the last one's end; None without attempts."""
    blocks = {phase.phase.id: [_span(one.started_at, one.ended_at) for one in phase.story.attempts] for phase in phases}
    every = [block for of_phase in blocks.values() for block in of_phase]
    if not every:
        return None
    first, last = min(begin for begin, _ in every), max(end for _, end in every)
    scale = _WIDE / max(last - first, 1e-9)
    rows = []
    for phase in phases:
        rects = [
            tag(
                "rect",
                x=f"{(begin - first) * scale:.1f}",
                y=1,
                width=f"{max(_LEAST, (end - begin) * scale):.1f}",
                height=8,
                class_=f"attempt {one.outcome}",
            )
            for one, (begin, end) in zip(phase.story.attempts, blocks[phase.phase.id], strict=True)
        ]
        label = f"{phase.phase.id}: {len(rects)} attempt{'s' if len(rects) != 1 else ''}, {phase.phase.state.replace('_', ' ')}"
        rows.append(tag("tr", tag("th", phase.phase.id, scope="row"), tag("td", _svg(10, rects, label))))
    head = tag("tr", tag("th", "attempts", scope="col"), tag("th", f"{_clock(first)} to {_clock(last)} UTC", scope="col"))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="bars timeline")


def dollars(usage: UsageStatus, *, is_partial: bool = False) -> str:
    if usage.usd is None:
        return _NO_PRICE
    amount = "$0" if usage.usd == 0 else f"${usage.usd:,.4f}" if usage.usd < 1 else f"${usage.usd:,.2f}"
    return f"{amount} + {_NO_PRICE}" if is_partial else amount


def span(seconds: float) -> str:
    """``42 s``, ``3:07 min``, ``1:02:03 h``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02} h"
    return f"{minutes}:{rest:02} min" if minutes else f"{seconds:.1f} s"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M")


def _bar(value: float, most: float, kind: str) -> Markup:
    width = _WIDE * value / most if most else 0
    return _svg(10, [tag("rect", x=0, y=1, width=f"{max(width, _LEAST if value else 0):.1f}", height=8, class_=kind)], None)


def _svg(height: int, rects: Iterable[Markup], label: str | None) -> Markup:
    spoken = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return tag("svg", rects, viewBox=f"0 0 {_WIDE} {height}", preserveAspectRatio="none", **spoken)


def _span(started: str, ended: str | None) -> tuple[float, float]:
    begin = datetime.fromisoformat(started).timestamp()
    return begin, datetime.fromisoformat(ended).timestamp() if ended else begin
