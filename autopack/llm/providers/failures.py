"""What the SDKs raise, as one kind of failure."""

import email.utils
import math
from typing import Any, Final

from autopack.llm.wire import FailureDetails, WireFailure, WireKind

LONGEST_MESSAGE: Final = 600
LONGEST_WAIT_S: Final = 7 * 24 * 3600.0

_BY_STATUS: Final[dict[int, WireKind]] = {
    401: WireKind.KEY_REFUSED,
    402: WireKind.QUOTA,
    403: WireKind.KEY_REFUSED,
    404: WireKind.NOT_FOUND,
    405: WireKind.NOT_FOUND,
    408: WireKind.TIMEOUT,
    409: WireKind.OVERLOADED,
    413: WireKind.TOO_LONG,
    425: WireKind.OVERLOADED,
    429: WireKind.RATE_LIMITED,
    503: WireKind.OVERLOADED,
    529: WireKind.OVERLOADED,
}
_BY_STREAM_ERROR: Final[dict[str, WireKind]] = {
    "overloaded_error": WireKind.OVERLOADED,
    "rate_limit_error": WireKind.RATE_LIMITED,
    "rate_limit_exceeded": WireKind.RATE_LIMITED,
    "timeout_error": WireKind.TIMEOUT,
}
_TOO_LONG: Final = ("prompt is too long", "context_length_exceeded", "maximum context length", "context window", "exceeds the context")
_QUOTA: Final = ("insufficient_quota", "credit balance", "billing_error", "billing_hard_limit")


def from_status(status: int, body: object, headers: Any, now: float) -> WireFailure:  # noqa: ANN401 - either SDK's headers
    """An HTTP error before any reply: nothing was bought."""
    message, code = said(body)
    details = FailureDetails(
        status=status,
        retry_after_s=retry_after(headers, now),
        told_not_to_retry=headers.get("x-should-retry") == "false",
        code=code,
    )
    return WireFailure(_kind(status, f"{message} {code}".lower()), message or f"status {status}", is_definite=True, details=details)


def from_stream_error(body: object, *, is_definite: bool) -> WireFailure:
    """An error told in the middle of a stream."""
    message, code = said(body)
    kind = _BY_STREAM_ERROR.get(code or "", WireKind.SERVER_ERROR)
    return WireFailure(kind, message or "the stream ended with an error", is_definite=is_definite, details=FailureDetails(code=code))


def retry_after(headers: Any, now: float) -> float | None:  # noqa: ANN401 - either SDK's headers
    """Seconds to wait as the server asked, given in milliseconds, in seconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return _bounded(seconds)
    date = email.utils.parsedate_tz(text) if text else None
    return None if date is None else _bounded(email.utils.mktime_tz(date) - now)


def said(body: object) -> tuple[str, str | None]:
    """The message and the code (or type) of an error body of either vendor, bounded."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return _short(str(error or "")), None
    code = error.get("code") or error.get("type")
    return _short(str(error.get("message") or error.get("detail") or "")), None if code is None else str(code)[:80]


def _kind(status: int, text: str) -> WireKind:
    if any(phrase in text for phrase in _QUOTA):
        return WireKind.QUOTA
    if status in {400, 422} and any(phrase in text for phrase in _TOO_LONG):
        return WireKind.TOO_LONG
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirects
        return WireKind.MISCONFIGURED
    return _BY_STATUS.get(status, WireKind.SERVER_ERROR if status >= 500 else WireKind.BAD_REQUEST)  # noqa: PLR2004 - HTTP's server errors


def _short(text: str) -> str:
    line = " ".join(text[: 4 * LONGEST_MESSAGE].split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}..."


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
