"""OpenAI's Responses API: the request, the stream's events, the final response."""

from typing import Final

from autopack.core.call import StopReason, ToolCall, Turn, Usage
from autopack.llm.providers.api import Api
from autopack.llm.providers.error_body import failure_kind, read_error_body
from autopack.llm.providers.failures import from_stream_error
from autopack.llm.providers.json_values import an_object, count, json_text, name, object_or_empty, objects, visible_text
from autopack.llm.providers.openai import OPENAI, strictness
from autopack.llm.providers.reply_schema import asked_in_words
from autopack.llm.providers.tool_calls import call_arguments, call_id
from autopack.llm.wire import Json, Received, WireKind, WireRequest

_INCOMPLETE: Final[dict[str, StopReason]] = {
    "max_output_tokens": StopReason.MAX_TOKENS,
    "content_filter": StopReason.REFUSAL,
}
_TERMINAL: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})


def body(request: WireRequest) -> Json:
    prompt = request.prompt
    head: Json = {"model": request.model, "max_output_tokens": request.max_output, "stream": True, "store": False}
    instructions = prompt.system
    tools = [_function(tool.name, tool.parameters, description=tool.description) for tool in prompt.tools]
    choice: str | Json = "none" if prompt.must_answer else "auto"
    if request.structured == "schema":
        head["text"] = {"format": {"type": "json_schema", "name": prompt.reply_name, **strictness(prompt.reply_schema)}}
    elif request.structured == "tool":
        tools.append(_function(prompt.reply_name, prompt.reply_schema))
        is_free = prompt.tools and not prompt.must_answer
        choice = "required" if is_free else {"type": "function", "name": prompt.reply_name}
    else:
        instructions = f"{prompt.system}\n\n{asked_in_words(prompt)}"
    if tools:
        head |= {"tools": tools, "tool_choice": choice}
    content = [{"type": "input_text", "text": block.text} for block in prompt.blocks]
    turns = [item for number, turn in enumerate(prompt.turns, 1) for item in _turn(turn, number)]
    return {**head, "instructions": instructions, "input": [{"role": "user", "content": content}, *turns]}


def _function(called: str, parameters: Json, **more: str) -> Json:
    return {"type": "function", "name": called, **more, "parameters": parameters, "strict": False}


def _turn(turn: Turn, number: int) -> list[Json]:
    said = [{"role": "assistant", "content": [{"type": "output_text", "text": turn.said}]}] if turn.said else []
    calls = [
        {"type": "function_call", "call_id": call_id(number, index), "name": call.name, "arguments": call_arguments(call)}
        for index, call in enumerate(turn.calls)
    ]
    results = [
        {"type": "function_call_output", "call_id": call_id(number, index), "output": text} for index, text in enumerate(turn.results)
    ]
    told = [{"role": "user", "content": [{"type": "input_text", "text": turn.told}]}] if turn.told else []
    return [*said, *calls, *results, *told]


class ResponseCollector:
    """Takes the response from the last event; where that holds no output, the items that came before are its output."""

    def __init__(self) -> None:
        self.characters = 0
        self.final: Json | None = None
        self._items: list[Json] = []

    @property
    def is_complete(self) -> bool:
        return self.final is not None

    def feed(self, event: Json) -> None:
        kind = name(event.get("type")) or ""
        if kind == "error":
            raise from_stream_error(event, is_definite=self.characters == 0)
        if kind.endswith(".delta") and isinstance(event.get("delta"), str):
            self.characters += len(event["delta"])
        elif kind == "response.output_item.done":
            self._items += objects(event.get("item"))
        elif kind in _TERMINAL:
            response = an_object(event.get("response"))
            self.final = self._checked({**response, "output": objects(response.get("output")) or self._items})

    def _checked(self, response: Json) -> Json:
        """Raises for a failed response, but keeps a declined one: it tells what it cost."""
        if response.get("status") == "failed" and not _is_declined(response):
            raise from_stream_error(response.get("error") or "the response failed", is_definite=self.characters == 0)
        return response


def read(response: Json) -> Received:
    if response.get("status") == "failed" and not _is_declined(response):
        raise from_stream_error(response.get("error") or "the response failed", is_definite=False)
    output = objects(response["output"])
    return Received(
        text=_reply_text(output) or (read_error_body(response).message if _is_declined(response) else ""),
        calls=tuple(
            ToolCall(name=name(item.get("name")) or "", arguments=json_text(item.get("arguments")))
            for item in output
            if item.get("type") == "function_call"
        ),
        stop=_stop(response, output),
        usage=_usage(object_or_empty(response.get("usage"))),
        model=name(response.get("model")),
        final=response,
    )


def _stop(response: Json, output: list[Json]) -> StopReason:
    if _is_declined(response) or _parts(output, "refusal"):
        return StopReason.REFUSAL
    if response.get("status") == "incomplete":
        why = name(object_or_empty(response.get("incomplete_details")).get("reason"))
        return _INCOMPLETE.get(why or "", StopReason.MAX_TOKENS)
    return StopReason.END


def _reply_text(output: list[Json]) -> str:
    return "".join(_parts(output, "output_text") or _parts(output, "refusal"))


def _parts(output: list[Json], kind: str) -> list[str]:
    field = "refusal" if kind == "refusal" else "text"
    messages = [item for item in output if item.get("type") == "message"]
    return [visible_text(part.get(field)) for item in messages for part in objects(item.get("content")) if part.get("type") == kind]


def _usage(usage: Json) -> Usage | None:
    """OpenAI counts cached tokens among the input; here they are counted apart."""
    cached = object_or_empty(usage.get("input_tokens_details"))
    read_tokens, new_tokens = count(cached.get("cached_tokens")), count(cached.get("cache_write_tokens"))
    counted = Usage(
        input_tokens=max(0, count(usage.get("input_tokens")) - read_tokens - new_tokens),
        output_tokens=count(usage.get("output_tokens")),
        cache_read_tokens=read_tokens,
        cache_write_tokens=new_tokens,
    )
    return counted if counted.total else None


def _is_declined(response: Json) -> bool:
    """Whether the model failed over the content; asking again would bring the same."""
    return failure_kind(None, read_error_body(response.get("error"))) is WireKind.REFUSED


RESPONSES: Final = Api(
    sdk=OPENAI,
    path="/responses",
    body=body,
    collector=ResponseCollector,
    read=read,
    stand_in="openai-chat",
    count_path="/responses/input_tokens",
    counted=frozenset({"model", "instructions", "input", "tools", "tool_choice", "text"}),
)
