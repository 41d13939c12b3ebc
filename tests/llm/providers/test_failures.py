from datetime import UTC, datetime
from email.utils import formatdate

import pytest

from autopack.llm.providers.failures import LONGEST_WAIT_S, from_status, from_stream_error, retry_after, wait_of_limit
from autopack.llm.wire import WireKind

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, 90),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, 0),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "1e99"}, LONGEST_WAIT_S),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_whatever_its_form(headers, seconds):
    assert retry_after(headers, NOW) == seconds


def dated(seconds):
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7", "anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": dated(90)}, 7),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": dated(3600)}, 3600),
        (
            {
                "anthropic-ratelimit-input-tokens-remaining": "0",
                "anthropic-ratelimit-input-tokens-reset": dated(30),
                "anthropic-ratelimit-output-tokens-remaining": "5000",
                "anthropic-ratelimit-output-tokens-reset": dated(999),
            },
            30,
        ),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0.5s"}, 360.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "soon"}, None),
        ({"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": dated(-5)}, 0),
        ({"anthropic-ratelimit-requests-remaining": "3", "anthropic-ratelimit-requests-reset": dated(60)}, None),
    ],
)
def test_a_limit_lasts_until_what_is_used_up_is_reset(headers, seconds):
    assert from_status(429, {}, headers, NOW).details.retry_after_s == seconds
    assert wait_of_limit(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Your credit balance is too low to access the API", WireKind.QUOTA),
        (400, "max_tokens: too large", WireKind.BAD_REQUEST),
        (400, "This model's maximum context length is 8192 tokens", WireKind.TOO_LONG),
        (422, "unknown field", WireKind.BAD_REQUEST),
        (402, "pay first", WireKind.QUOTA),
        (302, "", WireKind.MISCONFIGURED),
        (599, "", WireKind.SERVER_ERROR),
        (418, "teapot", WireKind.BAD_REQUEST),
    ],
)
def test_a_status_and_its_message_make_a_kind(status, message, kind):
    assert from_status(status, {"error": {"message": message}}, {}, NOW).kind is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "overloaded_error", "message": "Overloaded"}, WireKind.OVERLOADED),
        ({"code": "insufficient_quota", "message": "You exceeded your current quota"}, WireKind.QUOTA),
        ({"code": "rate_limit_exceeded", "message": "Rate limit reached"}, WireKind.RATE_LIMITED),
        ({"code": 429, "message": "slow down"}, WireKind.RATE_LIMITED),
        ({"code": 502, "message": "Provider returned error"}, WireKind.SERVER_ERROR),
        ({"code": 400, "message": "no such field", "type": "BadRequestError"}, WireKind.BAD_REQUEST),
        ({"type": "invalid_request_error", "message": "no such field"}, WireKind.BAD_REQUEST),
        ({"type": "authentication_error", "message": "invalid x-api-key"}, WireKind.KEY_REFUSED),
        ({"type": "api_error", "message": "Internal server error"}, WireKind.SERVER_ERROR),
        (None, WireKind.SERVER_ERROR),
        ("out of memory", WireKind.SERVER_ERROR),
    ],
)
def test_an_error_inside_a_stream_is_of_the_kind_that_its_code_tells(body, kind):
    failure = from_stream_error(body, is_definite=False)
    assert failure.kind is kind
    assert failure.message
