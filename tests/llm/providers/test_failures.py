from email.utils import formatdate

import pytest

from autopack.llm.providers.failures import LONGEST_MESSAGE, LONGEST_WAIT_S, from_status, retry_after, said
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
    ("body", "expected"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, ("Overloaded", "overloaded_error")),
        ({"error": {"message": "no", "code": "x", "type": "y"}}, ("no", "x")),
        ({"message": "flat", "code": 7}, ("flat", "7")),
        ({"detail": "fastapi"}, ("fastapi", None)),
        ({"error": "plain"}, ("plain", None)),
        ("<html>\n  502 </html>", ("<html> 502 </html>", None)),
        (None, ("", None)),
        ([1], ("[1]", None)),
    ],
)
def test_error_bodies_of_any_shape_are_read(body, expected):
    assert said(body) == expected


def test_a_page_of_html_does_not_become_a_message_of_its_length():
    assert len(said("x" * 1_000_000)[0]) <= LONGEST_MESSAGE + 3
