"""Turns errors of servers and connections into WireFailures."""

import email.utils
import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from autopack.llm.providers.error_body import failure_kind, read_error_body
from autopack.llm.wire import FailureDetails, WireFailure, WireKind

LONGEST_WAIT_S: Final = 7 * 24 * 3600.0
_TOO_MANY: Final = 429
_REMAINING: Final = re.compile(r"(anthropic-ratelimit-(?:[a-z]+-)*|x-ratelimit-)remaining(-[a-z]+)?")
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EPOCH: Final = 1e9
"""A number from here on is a time, below it a duration."""

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


def from_status(status: int, body: object, headers: Any, now: float) -> WireFailure:  # noqa: ANN401 - either SDK's headers
    """The failure for an HTTP error status: nothing was bought."""
    said = read_error_body(body)
    details = FailureDetails(
        status=status,
        retry_after_s=retry_after(headers, now) if status != _TOO_MANY else wait_of_limit(headers, now),
        told_not_to_retry=headers.get("x-should-retry") == "false",
        code=said.code,
    )
    kind = failure_kind(status, said) or _of_status(status)
    return WireFailure(kind, said.message or f"status {status}", is_definite=True, details=details)


def from_connection_error(error: Exception) -> WireFailure:
    """The failure for a connection error. If the request was not sent, nothing was bought; if it was, nobody knows."""
    import httpx2  # with the SDKs

    cause = error.__cause__ or error
    text = brief(cause)
    if isinstance(cause, httpx2.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return WireFailure(
            WireKind.MISCONFIGURED, f"its certificate is not trusted ({text}); name your authority's file as ca_file", is_definite=True
        )
    if isinstance(cause, httpx2.LocalProtocolError | httpx2.UnsupportedProtocol):
        return WireFailure(WireKind.MISCONFIGURED, text, is_definite=True)
    if isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return WireFailure(WireKind.TIMEOUT, "no connection came about in time (timeouts.connect_s)", is_definite=True)
    if isinstance(cause, httpx2.ConnectError | httpx2.ProxyError):
        return WireFailure(WireKind.CONNECTION, f"no connection came about ({text})", is_definite=True)
    if isinstance(cause, httpx2.TimeoutException):
        return WireFailure(WireKind.TIMEOUT, "no answer began in time", is_definite=False)
    return WireFailure(WireKind.CONNECTION, f"the connection broke before an answer came ({text})", is_definite=False)


def brief(error: BaseException) -> str:
    """One bounded line of what an exception says."""
    text = " ".join(str(error.__cause__ or error).split())[:200]
    return text or type(error.__cause__ or error).__name__


def from_stream_error(body: object, *, is_definite: bool) -> WireFailure:
    """The failure for an error inside an answer that had begun well."""
    said = read_error_body(body)
    status = said.status
    kind = failure_kind(status, said) or (WireKind.SERVER_ERROR if status is None else _of_status(status))
    details = FailureDetails(status=status, code=said.code)
    return WireFailure(kind, said.message or said.code or "the answer ended with an error", is_definite=is_definite, details=details)


def retry_after(headers: Any, now: float) -> float | None:  # noqa: ANN401 - either SDK's headers
    """How many seconds the server asks to wait; it may give milliseconds, seconds or a date."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return _bounded(seconds)
    date = email.utils.parsedate_tz(text) if text else None
    return None if date is None else _bounded(email.utils.mktime_tz(date) - now)


def wait_of_limit(headers: Any, now: float) -> float | None:  # noqa: ANN401 - as above
    """How long a limit of the rate lasts: as the server asks to wait, else until the limits that are used up are reset.

    Anthropic dates each of its limits (``anthropic-ratelimit-tokens-reset``), OpenAI says how long (``x-ratelimit-reset-tokens: 6m0s``).
    """
    asked = retry_after(headers, now)
    if asked is not None:
        return asked
    used_up = [found for name, value in headers.items() if (found := _REMAINING.fullmatch(name.lower())) and _number(value) == 0]
    resets = [_until_reset(headers.get(f"{found[1]}reset{found[2] or ''}"), now) for found in used_up]
    return max((seconds for seconds in resets if seconds is not None), default=None)


def _until_reset(text: str | None, now: float) -> float | None:
    if not text:
        return None
    number = _number(text)
    if number is not None:
        return _bounded(number - now if number >= _EPOCH else number)
    spans = _SPAN.findall(text)
    if "".join(amount + unit for amount, unit in spans) == text:
        return _bounded(sum(float(amount) * _UNITS[unit] for amount, unit in spans))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _bounded((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)


def _of_status(status: int) -> WireKind:
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirects
        return WireKind.MISCONFIGURED
    return _BY_STATUS.get(status, WireKind.SERVER_ERROR if status >= 500 else WireKind.BAD_REQUEST)  # noqa: PLR2004 - HTTP's server errors


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
