"""The Chat Completions API, which most local servers and gateways speak: the request, the chunks, the completion."""

from dataclasses import dataclass, field
from typing import Final

from autopack.core.call import StopReason, ToolCall, Turn, Usage
from autopack.llm.providers.api import Api
from autopack.llm.providers.json_values import an_object, count, json_text, name, object_or_empty, objects, visible_text
from autopack.llm.providers.openai import OPENAI, strictness
from autopack.llm.providers.reply_schema import asked_in_words
from autopack.llm.providers.tool_calls import call_arguments, call_id
from autopack.llm.wire import Json, Received, WireRequest

_STOPS: Final[dict[str, StopReason]] = {"length": StopReason.MAX_TOKENS, "content_filter": StopReason.REFUSAL}


def body(request: WireRequest) -> Json:
    """The request. Each message is one string: not every local server takes content in parts."""
    prompt = request.prompt
    limit = "max_completion_tokens" if request.is_vendor else "max_tokens"
    head: Json = {"model": request.model, limit: request.max_output, "stream": True, "stream_options": {"include_usage": True}}
    system = prompt.system
    tools = [_function(tool.name, tool.parameters, description=tool.description) for tool in prompt.tools]
    choice: str | Json = "none" if prompt.must_answer else "auto"
    if request.structured == "schema":
        head["response_format"] = {"type": "json_schema", "json_schema": {"name": prompt.reply_name, **strictness(prompt.reply_schema)}}
    elif request.structured == "tool":
        tools.append(_function(prompt.reply_name, prompt.reply_schema))
        is_free = prompt.tools and not prompt.must_answer
        choice = "required" if is_free else {"type": "function", "function": {"name": prompt.reply_name}}
    else:
        system = f"{prompt.system}\n\n{asked_in_words(prompt)}"
    if tools:
        head |= {"tools": tools, "tool_choice": choice}
    user = "\n\n".join(block.text for block in prompt.blocks)
    turns = [message for number, turn in enumerate(prompt.turns, 1) for message in _turn(turn, number)]
    return {**head, "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}, *turns]}


def _function(called: str, parameters: Json, **more: str) -> Json:
    return {"type": "function", "function": {"name": called, **more, "parameters": parameters}}


def _turn(turn: Turn, number: int) -> list[Json]:
    calls = [
        {"id": call_id(number, index), "type": "function", "function": {"name": call.name, "arguments": call_arguments(call)}}
        for index, call in enumerate(turn.calls)
    ]
    said: Json = {"role": "assistant", "content": turn.said or None, **({"tool_calls": calls} if calls else {})}
    results = [{"role": "tool", "tool_call_id": call_id(number, index), "content": text} for index, text in enumerate(turn.results)]
    return [said, *results, *([{"role": "user", "content": turn.told}] if turn.told else [])]


class ChunkCollector:
    """Adds chunks up to the completion. It is complete once a finish reason came, with or without ``[DONE]``."""

    def __init__(self) -> None:
        self.characters = 0
        self._head: Json = {}
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[str, _ToolCall] = {}
        self._call = "0"
        self._finish: str | None = None

    def feed(self, event: Json) -> None:
        head = {key: event[key] for key in ("id", "created", "model", "system_fingerprint", "usage") if event.get(key) is not None}
        self._head.update(head)
        for choice in objects(event.get("choices"))[:1]:
            self._add(an_object(choice.get("delta") or choice.get("message")))
            if self._finish not in _STOPS:  # a reply that was cut stays so, whatever else ends it
                self._finish = name(choice.get("finish_reason")) or self._finish

    @property
    def is_complete(self) -> bool:
        return self._finish is not None

    @property
    def final(self) -> Json | None:
        if self._finish is None:
            return None
        message: Json = {"role": "assistant", "content": "".join(self._text) or None, "refusal": "".join(self._refusal) or None}
        if self._calls:
            message["tool_calls"] = [call.whole for call in self._calls.values()]
        return {**self._head, "object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": self._finish}]}

    def _add(self, delta: Json) -> None:
        self._keep(self._text, visible_text(delta.get("content")))
        self._keep(self._refusal, visible_text(delta.get("refusal")))
        for call in objects(delta.get("tool_calls")):
            self._call = _key(call) or self._call
            kept = self._calls.setdefault(self._call, _ToolCall())
            function = an_object(call.get("function"))
            kept.name = kept.name or name(function.get("name")) or ""
            self._keep(kept.arguments, json_text(function.get("arguments")))

    def _keep(self, pieces: list[str], piece: str) -> None:
        if piece:
            pieces.append(piece)
            self.characters += len(piece)


@dataclass
class _ToolCall:
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    @property
    def whole(self) -> Json:
        return {"type": "function", "function": {"name": self.name, "arguments": "".join(self.arguments)}}


def read(completion: Json) -> Received:
    choice = objects(completion["choices"])[0]
    message = an_object(choice.get("message"))
    refusal = visible_text(message.get("refusal"))
    return Received(
        text=visible_text(message.get("content")) or refusal,
        calls=tuple(map(_call, objects(message.get("tool_calls")))),
        stop=StopReason.REFUSAL if refusal else _STOPS.get(name(choice.get("finish_reason")) or "", StopReason.END),
        usage=_usage(object_or_empty(completion.get("usage"))),
        model=name(completion.get("model")),
        final=completion,
    )


def _key(call: Json) -> str | None:
    """The call that a delta belongs to; None: the same as the last delta's, since not every server numbers them."""
    index = call.get("index")
    return str(index) if isinstance(index, int | str) else name(call.get("id"))


def _call(call: Json) -> ToolCall:
    function = an_object(call.get("function"))
    return ToolCall(name=name(function.get("name")) or "", arguments=json_text(function.get("arguments")))


def _usage(usage: Json) -> Usage | None:
    cached = object_or_empty(usage.get("prompt_tokens_details"))
    read_tokens, new_tokens = count(cached.get("cached_tokens")), count(cached.get("cache_write_tokens"))
    counted = Usage(
        input_tokens=max(0, count(usage.get("prompt_tokens")) - read_tokens - new_tokens),
        output_tokens=count(usage.get("completion_tokens")),
        cache_read_tokens=read_tokens,
        cache_write_tokens=new_tokens,
    )
    return counted if counted.total else None


CHAT: Final = Api(sdk=OPENAI, path="/chat/completions", body=body, collector=ChunkCollector, read=read)
