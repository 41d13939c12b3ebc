"""Tells the person at the terminal of a provider's failure: who, what happened, what to do."""

from collections.abc import Callable
from typing import Final

from autopack.llm.calls.routing import Route
from autopack.llm.wire import WireFailure, WireKind


def sentence(route: Route, failure: WireFailure) -> str:
    """The sentence without its full stop, so that several can be joined."""
    return _WRITERS[failure.kind](route, failure)


def _key_refused(route: Route, failure: WireFailure) -> str:
    key = route.key
    origin = f"{key.variable} (ends in {key.last_four}, from {key.source})"
    refusal = f"{route.provider.name} refused the key in {origin}{_status(failure)}: {failure.message}"
    return f"{refusal}; set a key that may use {route.model}"


def _quota(route: Route, failure: WireFailure) -> str:
    return f"{route.provider.name} has no credit left for the key in {route.key.variable}: {failure.message}; add credit there and resume"


def _not_found(route: Route, failure: WireFailure) -> str:
    what = f"{route.provider.name} does not know the model '{route.model}' ({failure.message})"
    return f"{what}; correct it in models.yaml or give another with --model"


def _bad_request(route: Route, failure: WireFailure) -> str:
    what = f"{route.name} refused the request{_status(failure)}: {failure.message}"
    return f"{what}; check this model's limits and 'structured' in models.yaml"


def _misconfigured(route: Route, failure: WireFailure) -> str:
    return f"{route.provider.name} cannot be reached as it is configured: {failure.message}; check base_url, proxy and ca_file"


def _limited(route: Route, failure: WireFailure) -> str:
    wait = failure.details.retry_after_s
    when = f" and asks to wait {duration(wait)}" if wait else ""
    return f"{route.name} limits the rate{when}: {failure.message}; resume later"


def _down(route: Route, failure: WireFailure) -> str:
    status = f" (status {failure.details.status})" if failure.details.status else ""
    return f"{route.name} cannot answer{status}: {failure.message}; resume later"


def _status(failure: WireFailure) -> str:
    return f" with status {failure.details.status}" if failure.details.status else ""


_WRITERS: Final[dict[WireKind, Callable[[Route, WireFailure], str]]] = {
    WireKind.KEY_REFUSED: _key_refused,
    WireKind.QUOTA: _quota,
    WireKind.NOT_FOUND: _not_found,
    WireKind.BAD_REQUEST: _bad_request,
    WireKind.TOO_LONG: _bad_request,
    WireKind.REFUSED: _bad_request,
    WireKind.MISCONFIGURED: _misconfigured,
    WireKind.RATE_LIMITED: _limited,
    WireKind.OVERLOADED: _down,
    WireKind.SERVER_ERROR: _down,
    WireKind.CONNECTION: _down,
    WireKind.TIMEOUT: _down,
    WireKind.CUT: _down,
    WireKind.MALFORMED: _down,
}


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``5 h 30 min``."""
    if seconds < 90:  # noqa: PLR2004 - a minute and a half reads best in seconds
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"
