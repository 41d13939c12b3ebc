"""Formats states, amounts, times and commits, in the same way for every screen."""

from datetime import datetime
from typing import Final

from rich.text import Text

from autopack.core.status import UsageStatus

MARKS: Final[dict[str, tuple[str, str]]] = {
    "complete": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("-", "yellow"),
    "rolled_back": ("↶", "yellow"),
    "held": ("?", "yellow"),
    "stopped": ("■", "yellow"),
    "blocked": ("■", "red"),
    "interrupted": ("■", "yellow"),
    "queued": ("·", "dim"),
    "recovering": ("↻", "yellow"),
}
"""A state that is not listed is drawn as one at work."""

_WORKING: Final = ("▸", "cyan")
_MINUTE: Final = 60
_COMMIT: Final = 10


def mark(state: str) -> Text:
    sign, style = MARKS.get(state, _WORKING)
    return Text(sign, style=style)


def named(state: str, detail: str | None = None) -> Text:
    """The state in its colour and words: ``rolled back``, ``held (review)``."""
    words = state.replace("_", " ") + (f" ({detail})" if detail else "")
    return Text(words, style=MARKS.get(state, _WORKING)[1])


def reason(kind: str, message: str, fault: str | None = None) -> str:
    """Why, in words: ``checks red (import): 1 of 2 tests fails``."""
    return f"{kind.replace('_', ' ')}{f' ({fault})' if fault else ''}: {message}"


def short(commit: str | None) -> str:
    return commit[:_COMMIT] if commit else ""


def dollars(usd: float | None, *, is_partial: bool = False) -> str:
    """``$0.0312``; ``unknown`` where no price is known; ``+ unknown`` where some of it has none."""
    if usd is None:
        return "unknown"
    amount = f"${usd:,.4f}" if usd < 1 else f"${usd:,.2f}"
    amount = "$0" if usd == 0 else amount
    return f"{amount} + unknown" if is_partial else amount


def tokens(usage: UsageStatus) -> str:
    """``12,345 in · 2,345 out · 1,000 cache read``; cache figures only where there are any."""
    parts = [f"{usage.input_tokens:,} in", f"{usage.output_tokens:,} out"]
    parts += [f"{usage.cache_read_tokens:,} cache read"] if usage.cache_read_tokens else []
    parts += [f"{usage.cache_write_tokens:,} cache write"] if usage.cache_write_tokens else []
    return " · ".join(parts)


def duration(seconds: float) -> str:
    """``0.4 s``, ``42 s``, ``3:07``, ``1:02:03``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - one digit more below ten seconds
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(seconds: float) -> str:
    """Local date and time to the minute."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def clock_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")
