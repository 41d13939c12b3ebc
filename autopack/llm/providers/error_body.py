"""Reads the error that a server sent instead of a reply: its codes decide what it means, then its words.

The words are taken from public reports, a row each; ``tests/llm/providers/test_error_body.py`` holds the messages they stand in.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from autopack.llm.wire import WireKind

LONGEST_MESSAGE: Final = 600
_LONGEST_TEXT: Final = 20_000
_LONGEST_CODE: Final = 80
_DEEPEST: Final = 6

_CODES: Final[dict[WireKind, frozenset[str]]] = {
    WireKind.QUOTA: frozenset(
        {
            "insufficient_quota",
            "insufficient_user_quota",
            "insufficient_balance",
            "exceeded_current_quota_error",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "arrearage",
        }
    ),
    WireKind.RATE_LIMITED: frozenset(
        {"rate_limit_exceeded", "rate_limit_error", "rate_limit_reached_error", "too_many_requests", "throttlingexception"}
    ),
    WireKind.TOO_LONG: frozenset(
        {
            "context_length_exceeded",
            "exceed_context_size_error",
            "string_above_max_length",
            "request_too_large",
            "model_max_prompt_tokens_exceeded",
            "model_context_window_exceeded",
            "1261",
        }
    ),
    WireKind.REFUSED: frozenset(
        {
            "content_filter",
            "contentfilter",
            "invalid_prompt",
            "content_policy_violation",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
            "datainspectionfailed",
            "prohibited_content",
            "1301",
        }
    ),
}
"""The order matters: a limit of tokens a minute speaks of tokens too, and a quota is often told as a limit."""

_POLICY: Final = re.compile(r"(?:^|_)policy(?:_|$)")
"""``cyber_policy`` and its kin: a code about this request's content."""

_TYPES: Final[dict[str, WireKind]] = {
    "authentication_error": WireKind.KEY_REFUSED,
    "invalid_api_key": WireKind.KEY_REFUSED,
    "permission_error": WireKind.KEY_REFUSED,
    "not_found_error": WireKind.NOT_FOUND,
    "model_not_found": WireKind.NOT_FOUND,
    "overloaded_error": WireKind.OVERLOADED,
    "timeout_error": WireKind.TIMEOUT,
    "invalid_request_error": WireKind.BAD_REQUEST,
}
"""What types mean inside a stream, where no status says more."""

_WORDS: Final[dict[WireKind, re.Pattern[str]]] = {
    kind: re.compile("|".join(rows))
    for kind, rows in {
        WireKind.QUOTA: ("credit balance", "insufficient_quota", "insufficient balance", "billing_error", "billing_hard_limit"),
        WireKind.RATE_LIMITED: ("(?:tokens|requests) per (?:min|day)", "rate limit", "too many requests"),
        WireKind.TOO_LONG: (
            "prompt is too long",  # Anthropic
            "exceeds? context limit",  # Anthropic, of the input and max_tokens together
            "maximum context length",  # OpenAI, vLLM, DeepSeek, Mistral, OpenRouter
            "exceed(?:s|ed)? (?:the )?(?:max(?:imum)? |available )?context (?:window|length|size)",  # llama.cpp, Ollama, OpenAI
            "context window exceeds limit",  # MiniMax
            "greater than the context length",  # LM Studio
            "context length of only",  # LM Studio before that
            "longer than the model'?s? context length",  # SGLang, Together
            "exceeds the maximum allowed (?:input )?length",  # SGLang
            "longer than the maximum model length",  # vLLM
            "too long to fit into the model",  # vLLM
            "`inputs` tokens \\+ `max_new_tokens` must be <=",  # TGI, Together
            "`inputs` must have less than",  # TGI
            "exceeds the maximum number of tokens allowed",  # Gemini
            "maximum prompt length is",  # xAI
            "range of input length should be",  # DashScope
            "exceeded model token limit",  # Kimi
            "model max length exceeded",  # Moonshot
            "prompt exceeds max length",  # GLM
            "reduce the length of the (?:messages|input prompt)",  # Groq, Cerebras
            "input is too long for requested model",  # Bedrock
            "contextwindowexceedederror",  # LiteLLM
            "prompt token count of \\d+ exceeds the limit",  # Copilot
        ),
        WireKind.REFUSED: (
            "content filtering policy",  # Anthropic
            "flagged this message",  # Anthropic
            "content management policy",  # Azure
            "violat(?:e|es|ing) our usage policy",  # OpenAI, Anthropic
            "as a result of our safety system",  # OpenAI
            "content exists risk",  # DeepSeek
            "inappropriate content",  # DashScope
            "violates usage guidelines",  # xAI
            "considered high risk",  # Moonshot
            "your input was flagged",  # OpenRouter
            "contentpolicyviolationerror",  # LiteLLM
        ),
    }.items()
}
_PROMPT_STATUSES: Final = frozenset({400, 403, 413, 422, 451})
"""Statuses whose words may be about the prompt; so may those of any server error."""

_CODE_KEYS: Final = ("code", "type", "status")
_STATUS: Final = re.compile("[45][0-9]{2}")


@dataclass(frozen=True)
class ErrorBody:
    """``message`` and ``code`` are for people, bounded; ``codes`` are all that the body holds, lower-case, ``text`` all of its messages.

    ``status`` is the HTTP status that some servers tell as a code inside a stream.
    """

    message: str
    code: str | None
    status: int | None = None
    codes: frozenset[str] = frozenset()
    text: str = ""


def read_error_body(body: object) -> ErrorBody:
    """Takes a body of any shape: a vendor's, plain text, or one that is wrapped in another's message."""
    parts = list(_parts(body, _DEEPEST))
    messages = [message for part in parts for message in _messages(part)]
    codes = [str(value)[:_LONGEST_CODE] for part in parts for key in _CODE_KEYS if _is_code(value := part.get(key))]
    outer = body.get("error", body) if isinstance(body, dict) else body
    shown = next(iter(messages), "") if isinstance(outer, dict) else str(outer or "")
    own = [str(value)[:_LONGEST_CODE] for key in _CODE_KEYS if isinstance(outer, dict) and _is_code(value := outer.get(key))]
    return ErrorBody(
        message=_short(shown),
        code=next(iter(own), None),
        status=next((int(code) for code in codes if _STATUS.fullmatch(code)), None),
        codes=frozenset(code.lower() for code in codes),
        text=" ".join([*messages, shown])[:_LONGEST_TEXT].lower(),
    )


def failure_kind(status: int | None, said: ErrorBody) -> WireKind | None:
    """The kind of failure that the body tells of; None where only the status can say."""
    for kind, codes in _CODES.items():
        if codes & said.codes:
            return kind
    may_be_prompt = status is None or status in _PROMPT_STATUSES or status >= 500  # noqa: PLR2004 - HTTP's server errors
    if may_be_prompt and any(_POLICY.search(code) for code in said.codes):
        return WireKind.REFUSED
    for kind, words in _WORDS.items():
        if (may_be_prompt or kind is WireKind.QUOTA) and words.search(said.text):
            return kind
    return _by_type(said) if status is None else None


def _by_type(said: ErrorBody) -> WireKind | None:
    return next((kind for code, kind in _TYPES.items() if code in said.codes), None)


def _parts(body: object, depth: int) -> Iterator[dict[str, object]]:
    """Every object that may say something: ``error`` first, then the object around it, then what these wrap."""
    if isinstance(body, str):
        body = _inside(body)
    if not isinstance(body, dict) or depth == 0:
        return
    yield from _parts(body.get("error"), depth - 1)
    yield body
    for key in ("innererror", "metadata", "raw", "message"):
        yield from _parts(body.get(key), depth - 1)


def _inside(text: str) -> object:
    """The object that a message wraps, as gateways do; None where it wraps none."""
    if not text.lstrip().startswith("{") or len(text) > _LONGEST_TEXT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _messages(part: dict[str, object]) -> Iterator[str]:
    for key in ("message", "detail", "msg", "error", "raw"):
        value = part.get(key)
        if isinstance(value, str) and value:
            yield value
        elif key == "detail" and isinstance(value, Iterable):
            yield from (str(item["msg"]) for item in value if isinstance(item, dict) and "msg" in item)


def _is_code(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _short(text: str) -> str:
    line = " ".join(text[: 4 * LONGEST_MESSAGE].split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}..."
