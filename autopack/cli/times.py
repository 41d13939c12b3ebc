"""Reads the times that a person types: how long (``8h``), until when (``07:00``), and since when (``7d``)."""

import re
from datetime import datetime, timedelta
from typing import Final

from autopack.core.errors import UsageError

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(h|min|m|s)")
_SECONDS: Final = {"h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")
_AGO: Final = re.compile(r"(\d{1,5})([hdw])")
_AGO_S: Final = {"h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_LAST_HOUR, _LAST_MINUTE = 23, 59


def seconds_of(text: str, option: str) -> float:
    """``8h``, ``90m``, ``1h30m``, ``45s`` or ``0``. Raises UsageError."""
    compact = "".join(text.split()).lower()
    if compact == "0":
        return 0.0
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise UsageError(f"{option} {text}: give a duration such as 8h, 90m, 1h30m or 0.")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def moment_of(text: str, option: str, now: float) -> float:
    """UTC epoch seconds: the next time that the clock shows ``07:00`` here, or ``2027-01-31T07:00``. Raises UsageError."""
    here = datetime.fromtimestamp(now).astimezone()
    clock = _CLOCK.fullmatch(text.strip())
    if clock and int(clock[1]) <= _LAST_HOUR and int(clock[2]) <= _LAST_MINUTE:
        found = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0, tzinfo=None)
        found = found if found.astimezone() > here else found + timedelta(days=1)
        return found.astimezone().timestamp()
    try:
        moment = datetime.fromisoformat(text.strip()).astimezone()
    except ValueError:
        raise UsageError(f"{option} {text}: give a time such as 07:00, or a date with it such as {here:%Y-%m-%d}T07:00.") from None
    if clock is None and moment > here:
        return moment.timestamp()
    raise UsageError(f"{option} {text}: that is over already; it is {here:%Y-%m-%d %H:%M}.")


def past_moment_of(text: str, option: str, now: float) -> float:
    """UTC epoch seconds: so many hours, days or weeks ago, or the midnight that ``2026-03-01`` begins with here. Raises UsageError."""
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - int(ago[1]) * _AGO_S[ago[2]]
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {text}: give a date such as 2026-03-01, or how long ago, such as 12h, 7d or 2w.") from None
