"""Charts as SVG: bars of what was used, the attempts of each phase over time. Their words are HTML and stay readable. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from autopack.core.status import UsageStatus
from autopack.reporting.report.markup import Markup, joined, tag
from autopack.reporting.report.model import Times
from autopack.reporting.timeline import PhaseBars
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


def timeline_table(phases: Sequence[PhaseBars]) -> Markup | None:
    """A row for each phase, a numbered bar for each attempt, and below it what it spent its time on; None without attempts."""
    bars = [bar for phase in phases for bar in phase.bars]
    if not bars:
        return None
    axis = _Axis(min(bar.began for bar in bars), max(bar.ended for bar in bars))
    rows = [tag("tr", tag("th", phase.phase, scope="row"), tag("td", _phase_bars(phase, axis))) for phase in phases]
    times = f"{_clock(axis.first)} to {_clock(axis.last)} UTC"
    key = [joined([tag("span", words, class_=f"key {kind}"), " "]) for kind, words in _KEY]
    head = tag("tr", tag("th", "attempts", scope="col"), tag("th", times, " ", key, scope="col"))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="bars timeline")


_KEY: Final = (("call", "model"), ("check", "checks"), ("wait", "waiting"))


@dataclass(frozen=True)
class _Axis:
    """Where on the drawing a moment lies, in percent."""

    first: float
    last: float

    def at(self, moment: float) -> float:
        return 100 * (moment - self.first) / max(self.last - self.first, 1e-9)

    def rect(self, began: float, ended: float, place: tuple[int, int], class_: str, title: str) -> Markup:
        """``place``: from the top, and how high. The least that is drawn can be seen."""
        left = min(self.at(began), 100 - _NARROWEST)
        width = max(_NARROWEST, self.at(ended) - self.at(began))
        box = tag("rect", x=f"{left:.2f}%", width=f"{width:.2f}%", y=place[0], height=place[1], class_=class_)
        return tag("g", tag("title", title), box)


_NARROWEST: Final = 0.4
_APART: Final = 3.0
_BAR: Final = (11, 8)
_SPAN: Final = (20, 4)


def _phase_bars(phase: PhaseBars, axis: _Axis) -> Markup:
    parts, free = [], 0.0
    for bar in phase.bars:
        took = span(bar.ended - bar.began)
        title = f"attempt {bar.number}, {bar.outcome.replace('_', ' ')}, {took}"
        parts.append(axis.rect(bar.began, bar.ended, _BAR, f"attempt {bar.outcome}", title))
        at = min(axis.at(bar.began), 100 - _APART)
        if at >= free:
            parts.append(tag("text", str(bar.number), x=f"{at:.2f}%", y=9))
            free = at + _APART
        parts += [
            axis.rect(one.began, one.ended, _SPAN, one.kind, f"{one.label}, {span(one.ended - one.began)}, attempt {bar.number}")
            for one in bar.spans
        ]
    count = f"{len(phase.bars)} attempt{'s' if len(phase.bars) != 1 else ''}"
    label = f"{phase.phase}: {count}, {phase.state.replace('_', ' ')}"
    return tag("svg", parts, height=25, width="100%", role="img", aria_label=label)


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
    return _svg(10, [tag("rect", x=0, y=1, width=f"{max(width, _LEAST if value else 0):.1f}", height=8, class_=kind)])


def _svg(height: int, rects: Iterable[Markup]) -> Markup:
    return tag("svg", rects, viewBox=f"0 0 {_WIDE} {height}", preserveAspectRatio="none", aria_hidden="true")
