"""OpenAI's Responses API: the request, the stream's events, the final response."""

from typing import Final

from autopack.core.call import StopReason, Usage
from autopack.llm.providers.in_words import asked_in_words
from autopack.llm.providers.reply_schema import has_only_required_fields, is_expressible, narrowed
from autopack.llm.wire import Api, FailureDetails, Json, Received, WireFailure, WireKind, WireRequest

_INCOMPLETE: Final[dict[str, StopReason]] = {
    "max_output_tokens": StopReason.MAX_TOKENS,
    "content_filter": StopReason.REFUSAL,
}
_TERMINAL: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def body(request: WireRequest) -> Json:
    prompt = request.prompt
    head: Json = {"model": request.model, "max_output_tokens": request.max_output, "stream": True, "store": False}
    instructions = prompt.system
    if request.structured == "schema":
        head["text"] = {"format": {"type": "json_schema", "name": prompt.reply_name, **strictness(prompt.reply_schema)}}
    elif request.structured == "tool":
        head["tools"] = [{"type": "function", "name": prompt.reply_name, "parameters": prompt.reply_schema, "strict": False}]
        head["tool_choice"] = {"type": "function", "name": prompt.reply_name}
    else:
        instructions = f"{prompt.system}\n\n{asked_in_words(prompt)}"
    content = [{"type": "input_text", "text": block.text} for block in prompt.blocks]
    return {**head, "instructions": instructions, "input": [{"role": "user", "content": content}]}


def strictness(schema: Json) -> Json:
    """Strict where the schema has the form that strict output demands; else a schema the model is shown but not held to."""
    if is_expressible(schema) and has_only_required_fields(schema):
        return {"schema": narrowed(schema), "strict": True}
    return {"schema": schema, "strict": False}


class ResponseCollector:
    """The last event holds the whole response; what comes before it only shows progress."""

    def __init__(self) -> None:
        self.characters = 0
        self.final: Json | None = None

    def feed(self, event: Json) -> None:
        kind = event["type"]
        if kind == "error":
            raise _failure(event, is_definite=self.characters == 0)
        if kind.endswith(".delta") and isinstance(event.get("delta"), str):
            self.characters += len(event["delta"])
        elif kind in _TERMINAL:
            self.final = self._checked(event["response"])

    def _checked(self, response: Json) -> Json:
        error = response.get("error") or {}
        if response.get("status") == "failed" and not _is_policy(error):
            raise _failure(error, is_definite=False)
        return response


def read(response: Json) -> Received:
    return Received(
        text=_reply_text(response),
        stop=_stop(response),
        usage=_usage(response["usage"]) if response.get("usage") else None,
        model=response.get("model"),
        final=response,
    )


def _stop(response: Json) -> StopReason:
    if _is_policy(response.get("error") or {}) or _parts(response, "refusal"):
        return StopReason.REFUSAL
    if response.get("status") == "incomplete":
        details = response.get("incomplete_details") or {}
        return _INCOMPLETE.get(details.get("reason") or "", StopReason.MAX_TOKENS)
    return StopReason.END


def _reply_text(response: Json) -> str:
    calls = [item["arguments"] for item in response["output"] if item["type"] == "function_call"]
    if calls:
        return str(calls[0])
    return "".join(_parts(response, "output_text") or _parts(response, "refusal"))


def _parts(response: Json, kind: str) -> list[str]:
    field = "refusal" if kind == "refusal" else "text"
    messages = [item for item in response["output"] if item["type"] == "message"]
    return [part[field] for item in messages for part in item["content"] if part["type"] == kind]


def _usage(usage: Json) -> Usage:
    """OpenAI counts what was read from and written to the cache among the input."""
    details = usage.get("input_tokens_details") or {}
    read_tokens, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    return Usage(
        input_tokens=max(0, (usage.get("input_tokens") or 0) - read_tokens - written),
        output_tokens=usage.get("output_tokens") or 0,
        cache_read_tokens=read_tokens,
        cache_write_tokens=written,
    )


def _is_policy(error: Json) -> bool:
    """A response that failed since its content was declined; asking again brings the same."""
    code = str(error.get("code") or "")
    return "policy" in code or code == "invalid_prompt"


def _failure(error: Json, *, is_definite: bool) -> WireFailure:
    code = str(error.get("code") or "")
    kind = WireKind.RATE_LIMITED if "rate_limit" in code else WireKind.SERVER_ERROR
    message = str(error.get("message") or code or "the response failed")
    return WireFailure(kind, message, is_definite=is_definite, details=FailureDetails(code=code or None))


RESPONSES: Final = Api(sdk="openai", path="/responses", body=body, collector=ResponseCollector, read=read)
